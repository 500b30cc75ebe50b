"""The server's resident memory: idle, and after a thousand calls."""

from __future__ import annotations

from pathlib import Path

import httpx

from .rig import deployment, free_port, purchase, started

CALLS = 1000
AIM_MB = 120


def run() -> None:
    with deployment() as (config, url):
        port = free_port()
        base = f"http://127.0.0.1:{port}"
        server = started("serve", "--config", str(config), "--port", str(port), health=f"{base}/v1/health")
        try:
            key = (config.parent / "api-key").read_text("utf-8")
            with httpx.Client(headers={"authorization": f"Bearer {key}"}, trust_env=False) as client:
                people = client.get(f"{url}/_simulator/people").json()
                body = {"input": purchase(people[0]), "insuplc_admdvs": "441900"}
                idle = _resident(server.pid)
                figures = []
                for _ in range(3):
                    for _ in range(CALLS):
                        answer = client.post(f"{base}/v1/transactions/2102", json=body)
                        assert answer.status_code == 200, answer.text
                    figures.append(_resident(server.pid))
        finally:
            server.terminate()
            server.wait()
    print("resident memory of liangding serve")
    print(f"  idle {idle:.1f} MB; after {CALLS} calls " + ", then ".join(f"{figure:.1f} MB" for figure in figures))
    verdict = "within" if figures[0] <= AIM_MB else "ABOVE"
    print(f"  (aim at most {AIM_MB} MB after {CALLS} calls: {verdict}; growth of the last {CALLS}: ", end="")
    print(f"{figures[-1] - figures[-2]:+.1f} MB)\n")


def _resident(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text("utf-8").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise SystemExit("the system does not say how much memory a process has")

"""Many institutions behind one address: a request names its institution, as a regional HIS does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from ..errors import LiangdingError
from ..runtime import Runtime
from ..structuring import nearest
from .frame import error_response

Application = Callable[[Any, Any, Any], Awaitable[None]]

HEADER = b"x-institution"
ROOT, NAMED = "/v1/", "/v1/deployments/"
OF_ALL = frozenset({"/v1/health", "/v1/live", "/v1/ready"})
"""What is asked of the whole server."""


class UnknownInstitution(LiangdingError):
    """No deployment here is that institution's, or more than one is; or a request does not say whose it is."""

    code = "unknown_institution"
    http_status = 404
    remedy = "请求头 X-Institution 写机构编号；一家机构有几个部署的，用 /v1/deployments/部署名/"


class OtherInstitution(LiangdingError):
    """A request names one institution by its header and another one by its path."""

    code = "other_institution"
    http_status = 400
    remedy = "请求头和路径写同一家机构，或只写其一"


def by_institution(app: Application, runtimes: Mapping[str, Runtime], *, named: bool = False) -> Application:
    """The same application, where a request with ``X-Institution`` goes to that institution's deployment. ``named``:
    where there are several institutions, every request has to name its own; none goes to the first one by itself."""
    names: dict[str, list[str]] = {}
    for name, runtime in runtimes.items():
        names.setdefault(runtime.deployment.institution.code, []).append(name)
    needed = named and len(names) > 1

    def place(path: str, code: str) -> str:
        """Where a request goes. UnknownInstitution, OtherInstitution."""
        if path.startswith(NAMED):
            runtime = runtimes.get(path.removeprefix(NAMED).partition("/")[0])
            if code and runtime is not None and runtime.deployment.institution.code != code:
                told = f"请求头写的是 {code}，路径写的是 {runtime.deployment.institution.code} 的部署"
                raise OtherInstitution(told, path="X-Institution")
            return path
        if path in OF_ALL or not path.startswith(ROOT) or not (code or needed):
            return path
        if not code:
            raise UnknownInstitution(f"这里有 {len(names)} 家机构，请求没有写是哪一家", path="X-Institution")
        found = names.get(code, [])
        if len(found) != 1:
            told = f"机构 {code} 在这里有 {len(found)} 个部署" if found else f"没有机构 {code}{nearest(code, names)}"
            raise UnknownInstitution(told, path="X-Institution")
        return f"{NAMED}{found[0]}/{path.removeprefix(ROOT)}"

    async def routed(scope: Any, receive: Any, send: Any) -> None:
        code = dict(scope.get("headers", ())).get(HEADER, b"").decode("latin-1").strip()
        try:
            path = place(scope.get("path", ""), code)
        except LiangdingError as refused:
            await error_response(refused)(scope, receive, send)
            return
        if path != scope.get("path"):
            scope = {**scope, "path": path, "raw_path": path.encode()}
        await app(scope, receive, send)

    return routed

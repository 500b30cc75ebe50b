"""The frame of every request to this API: keys, bodies, answers, and every error as JSON."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import anyio
from starlette.requests import Request
from starlette.responses import Response

from ..config import Client
from ..errors import CallRefused, LiangdingError
from ..journal.asking import asked_by, in_trace
from ..national.refusals import causes
from ..privacy import logger
from ..wire.json import decode, encode
from .entering import named_operator

log = logger("server")

Handler = Callable[[Request], Awaitable[Response]]
Enter = Callable[[Request, str | None], Awaitable[Client]]
"""What says whose request it is, and refuses one that may not do what it asks for."""


class BadRequest(LiangdingError):
    """The request to this API is not as it must be."""

    code = "bad_request"
    http_status = 400


class BodyTooLarge(LiangdingError):
    """A body larger than any message may be."""

    code = "too_large"
    http_status = 413


class NotJson(LiangdingError):
    """A body of a kind that cannot be JSON in UTF-8."""

    code = "not_json"
    http_status = 415
    remedy = "请求头加一行 Content-Type: application/json，正文用 UTF-8"


class SlowBody(LiangdingError):
    """A body that does not come to its end."""

    code = "slow_body"
    http_status = 408


BODY_LIMIT = 8 * 1024 * 1024
"""Bytes; far above any message, far below what would hurt."""


def guard(handler: Handler, enter: Enter | None, role: str | None = None, deployment: str = "") -> Handler:
    """Nobody comes to the handler but by ``enter``, with the right to ``role``; and every error as JSON. The log says
    for which ``deployment``."""

    async def guarded(request: Request) -> Response:
        try:
            if enter is None:
                return await handler(request)
            client = await enter(request, role)
            request.state.client = client
            by = f"api:{client.name}" if client.name else "api"
            with asked_by(by, deployment), in_trace(request.headers.get("traceparent")):
                return await handler(request)
        except LiangdingError as failed:
            return error_response(failed)
        except Exception:
            log.exception("%s %s failed", request.method, request.url.path)
            return error_response(LiangdingError("内部错误，详见日志"))

    return guarded


def client_of(request: Request) -> Client:
    """Whose request it is."""
    client: Client = request.state.client
    return client


def told(error: LiangdingError) -> dict[str, Any]:
    """An error as a caller gets it; a refusal with its cause and what to check, where they are known."""
    body = error.as_json()
    return body if not isinstance(error, CallRefused) or error.known else body | causes(error.message)


def error_response(error: LiangdingError) -> Response:
    headers = {"retry-after": "2"} if error.code in ("in_progress", "flow_busy", "busy") else None
    return Response(
        encode({"error": told(error)}),
        status_code=error.http_status,
        media_type="application/json",
        headers=headers,
    )


async def not_found(request: Request, error: Exception) -> Response:
    status = getattr(error, "status_code", 404)
    text = "这个资源没有这种方法" if status == 405 else "没有这个资源"
    missing = BadRequest(text, path=request.url.path, remedy="见 /openapi.json")
    return Response(encode({"error": missing.as_json()}), status_code=status, media_type="application/json")


async def with_operator(request: Request) -> tuple[str | None, dict[str, Any]]:
    """The operator that a request works as, and the rest of its body. NotAllowedHere where its key may not name that
    one."""
    body = await body_of(request, None)
    return named_operator(client_of(request), body.pop("operator", None)), body


UTF_8 = ("", "utf-8", "utf8", "us-ascii", "ascii")

BODY_SECONDS = 60.0
"""How long a body may be on its way."""


def _refuse_other_kinds(request: Request) -> None:
    """NotJson where the head does not say that JSON in UTF-8 follows: what a page's form can send bears other heads."""
    given = request.headers.get("content-type", "")
    kind, _, parameters = given.lower().partition(";")
    charset = parameters.partition("charset=")[2].partition(";")[0].strip(' "')
    if kind.strip() != "application/json" or charset not in UTF_8:
        said = f"写的是 {given[:80]!r}" if given else "没有写"
        raise NotJson(f"请求正文应为 UTF-8 的 JSON，请求头 Content-Type {said}")


async def body_of(request: Request, allowed: set[str] | None) -> dict[str, Any]:
    raw = await _raw_body(request)
    if raw:
        _refuse_other_kinds(request)
    try:
        body = decode(raw or b"{}")
    except ValueError as wrong:
        raise BadRequest(f"请求不是合法的 JSON：{wrong}") from None
    if not isinstance(body, dict):
        raise BadRequest("请求应为 JSON 对象")
    unknown = set() if allowed is None else body.keys() - allowed
    if unknown:
        raise BadRequest(f"不认识的键 {'、'.join(sorted(unknown))}；可用的有 {'、'.join(sorted(allowed or ()))}")
    return body


async def _raw_body(request: Request) -> bytes:
    raw = bytearray()
    with anyio.move_on_after(BODY_SECONDS) as on_its_way:
        async for chunk in request.stream():
            raw += chunk
            if len(raw) > BODY_LIMIT:
                raise BodyTooLarge(f"请求超过 {BODY_LIMIT // 1024 // 1024} MB")
    if on_its_way.cancelled_caught:
        raise SlowBody(f"请求正文 {BODY_SECONDS:.0f} 秒没有发完")
    return bytes(raw)


LARGEST = 2**63 - 1
"""What a number of a row may be."""


def number_of(request: Request) -> int:
    """The number that a request's address names."""
    number: int = request.path_params["id"]
    if number > LARGEST:
        raise BadRequest("没有这么大的编号", path="id")
    return number


def json_response(value: Any, status: int = 200) -> Response:
    return Response(encode(value), status_code=status, media_type="application/json")

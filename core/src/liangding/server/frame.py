"""The frame of every request to this API: keys, bodies, answers, and every error as JSON."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from ..errors import LiangdingError
from ..privacy import logger
from ..wire.json import decode, encode

log = logger("server")

Handler = Callable[[Request], Awaitable[Response]]


class BadRequest(LiangdingError):
    """The request to this API is not as it must be."""

    code = "bad_request"
    http_status = 400


class Unauthorised(LiangdingError):
    """No API key, or none of those that this server knows."""

    code = "unauthorised"
    http_status = 401
    remedy = "请求头 Authorization: Bearer <密钥>，密钥见部署文件的 server.api_keys"


class TooLarge(LiangdingError):
    """A body larger than any message may be."""

    code = "too_large"
    http_status = 413


BODY_LIMIT = 8 * 1024 * 1024
"""Bytes; far above any message, far below what would hurt."""


def authoriser(keys: Mapping[str, str]) -> Callable[[Request], None]:
    """What refuses a request that brings none of these keys (Unauthorised); without keys everybody may ask."""

    def authorise(request: Request) -> None:
        given = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
        given = given or request.headers.get("x-api-key", "")
        if keys and not any(hmac.compare_digest(given.encode(), key.encode()) for key in keys.values()):
            raise Unauthorised("密钥不正确或没有给出")

    return authorise


def guard(handler: Handler, authorise: Callable[[Request], None] | None) -> Handler:
    """Authorisation before the handler, and every error as JSON."""

    async def guarded(request: Request) -> Response:
        try:
            if authorise is not None:
                authorise(request)
            return await handler(request)
        except LiangdingError as failed:
            return error_response(failed)
        except Exception:
            log.exception("%s %s failed", request.method, request.url.path)
            return error_response(LiangdingError("内部错误，详见日志"))

    return guarded


def error_response(error: LiangdingError) -> Response:
    headers = {"retry-after": "2"} if error.code in ("in_progress", "flow_busy") else None
    return Response(
        encode({"error": error.as_json()}),
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
    """The operator that a body names, and the rest of it."""
    body = await body_of(request, None)
    return body.pop("operator", None), body


async def body_of(request: Request, allowed: set[str] | None) -> dict[str, Any]:
    raw = b""
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > BODY_LIMIT:
            raise TooLarge(f"请求超过 {BODY_LIMIT // 1024 // 1024} MB")
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


def json_response(value: Any, status: int = 200) -> Response:
    return Response(encode(value), status_code=status, media_type="application/json")

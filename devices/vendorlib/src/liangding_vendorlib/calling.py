"""One call of a library's function: arguments made from the request, the outcome judged."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import attrs

from liangding.contract import ConfigurationError, device_errors, masked_text
from liangding.contract.device_errors import DeviceError, DeviceFault
from liangding.contract.devices import Patience

from .process import Helper
from .tables import Argument, Function, Library, Success

ERRORS: Mapping[str, type[DeviceError]] = {
    kind.code: kind for kind in vars(device_errors).values() if isinstance(kind, type) and issubclass(kind, DeviceError)
}
"""The errors that a library's return values may stand for, by code."""


class LibraryRefused(DeviceFault):
    """A library's function did not go well, and nothing says what kind of failure that is."""


@attrs.frozen(kw_only=True)
class Outcome:
    """What a call left: the returned value, and every argument that the library may have written, by name."""

    returned: str
    written: Mapping[str, str] = attrs.field(repr=False)

    def document(self, argument: str) -> Any:
        """An argument's JSON; an empty object where it holds none."""
        return _document(self.written.get(argument, ""))


class Caller:
    """Calls functions of one library through a helper."""

    def __init__(self, library: Library, helper: Helper, device: str) -> None:
        self._library = library
        self._helper = helper
        self._device = device

    def call(self, name: str, values: Mapping[str, str], patience: Patience) -> Outcome:
        """Call a function. DeviceFault, or the error that the library's answer stands for, where it did not go well."""
        function = self._library.functions[name]
        arguments = [self._argument(each, function, values) for each in function.arguments]
        message = {"do": "call", "function": function.name, "returns": function.returns, "arguments": arguments}
        limit = Patience(min(function.seconds, max(patience.left(), 1.0)), patience.called_off)
        said = self._helper.ask(message, limit)
        self._refuse(said, function)
        outcome = self._outcome(said, function)
        if not all(holds(success, outcome, function) for success in function.success):
            raise self._failure(outcome, function)
        return outcome

    def _argument(self, argument: Argument, function: Function, values: Mapping[str, str]) -> dict[str, Any]:
        sizes = {f"size:{each.name}": str(each.size) for each in function.arguments}
        filled = _filled(argument.message if argument.message is not None else argument.value, {**values, **sizes})
        made: dict[str, Any] = {"name": argument.name, "kind": argument.kind, "size": argument.size}
        if argument.kind in ("number", "number_ref"):
            return made | {"value": int(filled or 0)}
        text = json.dumps(filled, ensure_ascii=False) if argument.message is not None else str(filled)
        return made | {"bytes": self._bytes(text, argument).hex()}

    def _bytes(self, text: str, argument: Argument) -> bytes:
        try:
            return text.encode(self._encoding)
        except UnicodeEncodeError:
            raise ConfigurationError(f"参数 {argument.name} 有控件的字符集里没有的字", path=self._device) from None

    @property
    def _encoding(self) -> str:
        return "utf-8" if self._library.progid and not self._library.files else self._library.encoding

    def _refuse(self, said: Mapping[str, Any], function: Function) -> None:
        refused = str(said.get("refused", ""))
        if refused == "no_function":
            remedy = "核对部署文件中的 library、variant 与控件版本"
            raise DeviceFault(f"控件没有函数 {function.name}", device=self._device, remedy=remedy)
        if refused == "no_com":
            remedy = "COM 控件要 Windows 与 pywin32；有动态库的写明 path"
            raise DeviceFault("这台电脑不能用 COM 控件", device=self._device, remedy=remedy)
        if refused:
            raise DeviceFault(f"控件没有载入（{refused}）", device=self._device, remedy="核对 path 与 python 的位数")
        if said["overrun"]:
            self._helper.close()
            raise DeviceFault(
                f"控件写出了缓冲区（{'、'.join(said['overrun'])}），结果不可信", device=self._device,
                remedy="核对控件版本；把库说明中的 size 放大",
            )  # fmt: skip

    def _outcome(self, said: Mapping[str, Any], function: Function) -> Outcome:
        returned = said["returned"]
        if function.returns == "text":
            returned = bytes.fromhex(returned or "").decode(self._encoding, "replace")
        written = {
            argument.name: self._text(out)
            for argument, out in zip(function.arguments, said["out"], strict=True)
            if out is not None
        }
        return Outcome(returned=str(returned), written=written)

    def _text(self, out: str | int) -> str:
        return str(out) if isinstance(out, int) else bytes.fromhex(out).decode(self._encoding, "replace")

    def _failure(self, outcome: Outcome, function: Function) -> DeviceError:
        known = self._library.errors.get(outcome.returned)
        said = known.says if known else said_of(outcome, function)
        kind = ERRORS[known.error] if known and known.error != DeviceFault.code else LibraryRefused
        return kind(f"{self._library.title}：{said or '没有说明原因'}（{outcome.returned}）", device=self._device)


def said_of(outcome: Outcome, function: Function) -> str:
    """What a library says of its failure: a JSON message, else the text in its first buffer; masked."""
    first = next((a.name for a in function.arguments if a.kind in ("out", "inout")), "")
    for argument in outcome.written:
        document = outcome.document(argument)
        if message := pick(document, "message") or pick(document, "err_msg"):
            return masked_text(message)
    return masked_text(outcome.written.get(first, ""))[:100]


def holds(success: Success, outcome: Outcome, function: Function) -> bool:
    """Whether a call went well, as far as ``success`` says."""
    if success.argument and success.at_least is not None:
        number = outcome.written.get(success.argument, "")
        return bool(re.fullmatch(r"-?[0-9]+", number)) and int(number) >= success.at_least
    if success.field:
        return any(pick(outcome.document(name), success.field) == success.value for name in outcome.written)
    return outcome.returned == success.value


def pick(document: Any, path: str) -> str:
    """A value in a JSON document by its dotted path; an object may also come as a text that holds one."""
    for step in path.split("."):
        document = _document(document) if isinstance(document, str) else document
        document = document.get(step) if isinstance(document, Mapping) else None
    return "" if document in (None, "null") or isinstance(document, Mapping | list) else str(document).strip()


def _document(text: str) -> Any:
    try:
        return json.loads(text) if text.lstrip().startswith("{") else {}
    except ValueError:
        return {}


def _filled(template: Any, values: Mapping[str, str]) -> Any:
    """A template with every ``{name}`` in it replaced."""
    if isinstance(template, Mapping):
        return {key: _filled(value, values) for key, value in template.items()}
    if isinstance(template, str):
        return re.sub(r"\{([\w:]+)\}", lambda found: values.get(found[1], ""), template)
    return template

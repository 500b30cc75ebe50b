"""Sending a file to the platform (9101) and fetching one (9102)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import attrs

from ..contract.calls import Answer
from ..errors import CallFailed, CallRefused
from ..files.carriage import FILE_PART, Fingerprint, JsonUpload, MultipartUpload, StreamDownload
from ..files.layouts import CATALOGUE_OWNER
from ..files.placing import placed
from ..wire.transport import Carriage

if TYPE_CHECKING:
    from ..runtime import Runtime

UPLOAD, DOWNLOAD = "9101", "9102"


@attrs.frozen(kw_only=True)
class Uploaded:
    """A file that the platform has: ``file_qury_no`` is what the next call names it by."""

    file_qury_no: str
    filename: str
    dld_endtime: str | None
    fingerprint: Fingerprint
    answer: Answer[Any] = attrs.field(repr=False)


@attrs.frozen(kw_only=True)
class Downloaded:
    """A file that is on disk, whole."""

    path: Path
    fingerprint: Fingerprint
    answer: Answer[Any] = attrs.field(repr=False)


def upload_file(
    runtime: Runtime,
    source: Path | str | BinaryIO,
    filename: str | None = None,
    *,
    part: str = FILE_PART,
    operator: str | None = None,
) -> Uploaded:
    """Send the file ``source`` (a path, or a stream that is read to its end) as ``filename`` (the path's own name).

    It goes as the deployment says (``features.file_upload``): as a form of two parts, the file's named ``part``
    (``file``; one system calls it ``in``), or as plain JSON with the file as a list of numbers. The file is held in
    memory while it is sent, several times over as JSON.

    The call is recorded before it is sent, as every call is. What is recorded is the envelope with the file's length
    and SHA-256 in the place of its bytes, so the journal proves which file went without holding it. An upload may be
    repeated (a second one is a second file, and the first is never used), so the runtime repeats it once where its
    outcome is unknown.

    Raises what :meth:`~liangding.runtime.Runtime.call` raises; OSError where the file cannot be read.
    """
    if isinstance(source, Path | str):
        data, filename = Path(source).read_bytes(), filename or Path(source).name
    else:
        data = source.read()
    fingerprint = Fingerprint.of(data)
    own = runtime.deployment.institution.code
    message = {"fsUploadIn": {"in": str(fingerprint), "filename": filename, "fixmedins_code": own}}
    as_json = runtime.deployment.features.file_upload == "json"
    way: Carriage = JsonUpload(data) if as_json else MultipartUpload(data, filename or "", part)
    answer = runtime.call(UPLOAD, message, operator=operator, carriage=way)
    output = answer.output
    return Uploaded(
        file_qury_no=output.file_qury_no, filename=output.filename, dld_endtime=output.dld_endtime,
        fingerprint=fingerprint, answer=answer,
    )  # fmt: skip


def download_file(
    runtime: Runtime,
    file_qury_no: str,
    filename: str,
    into: Path | str,
    *,
    fixmedins_code: str = CATALOGUE_OWNER,
    operator: str | None = None,
) -> Downloaded:
    """Fetch a file to the path ``into``; ``file_qury_no`` and ``filename`` as the platform's answer gave them.

    ``fixmedins_code``: most provinces want ``plc`` for catalogue files (1301 to 1327), which is the default, and
    some the institution's own code (``runtime.deployment.institution.code``); an institution's own files, as the
    result of 3202, are asked for with its own code everywhere.

    The stream goes to disk as it comes, under a temporary name; only a whole ZIP gets the name ``into``, durably.
    A JSON answer, an HTML page or a stream that breaks off leaves nothing there. The journal records the call, and
    of the file its length and SHA-256. Fetching may be repeated; the runtime does so once where the line fails.

    Raises what :meth:`~liangding.runtime.Runtime.call` raises: CallRefused with the platform's reason,
    NoAnswer where no whole file came; OSError where ``into`` cannot be written.
    """
    asked = {"file_qury_no": file_qury_no, "filename": filename, "fixmedins_code": fixmedins_code}
    try:
        with placed(Path(into)) as temporary:
            way = StreamDownload(temporary)
            answer = runtime.call(DOWNLOAD, {"fsDownloadIn": asked}, operator=operator, carriage=way)
    except CallFailed as failed:
        if failed.infno == DOWNLOAD:
            failed.remedy = _remedy(failed, fixmedins_code)
        raise
    assert way.fingerprint is not None
    return Downloaded(path=Path(into), fingerprint=way.fingerprint, answer=answer)


def _remedy(failed: CallFailed, fixmedins_code: str) -> str:
    if not isinstance(failed, CallRefused):
        return "在下载截止时间之前再下载一次"
    other = "本机构编号" if fixmedins_code == CATALOGUE_OWNER else CATALOGUE_OWNER
    return f"看下载截止时间是否已过；这次机构编号给的是 {fixmedins_code}，当地也可能要 {other}"

"""Files and the card's internal authentication (上传下载、卡认证): transactions 9101 to 9201."""

from typing import Annotated

from ..spec import Does, Effect, Of, chapter, long_text, nested, node, text

transaction = chapter("files", "其他/上传下载")


@node
class FileUpload:
    """输入."""

    in_: Annotated[
        str, long_text(None, "文件数据", note="文件字节流，随 multipart 的二进制部分发送，一般不放进JSON", wire="in")
    ]
    filename: Annotated[str, text(200, "文件名")]
    fixmedins_code: Annotated[str, text(30, "医药机构编号", note="机构自己的编号")]


@transaction(
    "9101",
    "文件上传",
    "file upload",
    does=Does.UPLOADS,
    of=Of.FILE,
    effect=Effect.REPEATABLE,
    path="/fsi/api/fileupload/upload",
)
class Upload:
    """File upload.

    - HTTP 为 multipart/form-data：文本部分 jsonStr 放完整报文，二进制部分 file 放压缩包
    - 内容为TXT压成的ZIP，UTF-8，TAB分隔，一行一条，空值写 null
    - 传输方式细节见 files.json
    """

    @node
    class Input:
        fsUploadIn: Annotated[FileUpload, nested("输入")]

    @node
    class Output:
        heading = nested("输出（直接在output下）")
        file_qury_no: Annotated[str, text(200, "文件查询号", note="表中长度 30，真实报文有 44 位的路径式值")]
        filename: Annotated[str, text(200, "文件名")]
        fixmedins_code: Annotated[str, text(30, "医药机构编号")]
        dld_endtime: Annotated[str | None, text(30, "截止时间", note="截止时间")] = None


@node
class FileQuery:
    """输入."""

    file_qury_no: Annotated[str, text(200, "文件查询号", note="表中长度 30，真实报文有 44 位的路径式值")]
    filename: Annotated[str, text(200, "文件名", note="取目录下载或对账交易返回的文件名")]
    fixmedins_code: Annotated[
        str,
        text(
            30,
            "医药机构编号",
            note="下载1301-1319的目录文件时多数省固定填 plc；对账结果等本机构文件填自己的编号；有的省客户端一律填自己的编号",
        ),
    ]


@transaction("9102", "文件下载", "file download", does=Does.DOWNLOADS, of=Of.FILE, path="/fsi/api/fileupload/download")
class Download:
    """File download.

    - 成功时返回 application/octet-stream 的ZIP字节流，没有JSON回参；失败时返回JSON报文，必须先看 Content-Type
    - 须在文件的下载截止时间之前调用
    - 用于1301-1319目录文件、3202对账结果文件（规范另提5204）
    - plc 的位置来源有分歧：三处的代码放在 fixmedins_code；一版表把说明印在 filename 行；另有样例放
      在 filename
    """

    @node
    class Input:
        fsDownloadIn: Annotated[FileQuery, nested("输入")]


@transaction(
    "9201",
    "卡内部认证",
    "card internal authentication",
    does=Does.CHECKS,
    of=Of.CREDENTIAL,
    group="其他/卡认证",
    effect=Effect.REPEATABLE,
    confidence="low",
    public=False,
)
class AuthenticateCard:
    """Card internal authentication.

    - 在两处接口清单见到名称（一处为省级清单，一处为一家医院共享的接口目录），均未见字段；校验密码、修改密码在所有来
      源中都是读卡动态库函数，不是带交易编号的交易
    """

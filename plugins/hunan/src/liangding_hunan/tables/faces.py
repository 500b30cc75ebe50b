"""Face recognition (人脸认证): transactions 9601 to 9603."""

from typing import Annotated

from liangding.spec import Does, Of, chapter, code, long_text, nested, node, required_when, text

transaction = chapter("faces", "其他/人脸认证")


@node
class Recognition:
    """认证信息."""

    medins_code: Annotated[str, text(30, "医疗机构编码")]
    medins_name: Annotated[str, text(100, "医疗机构名称")]
    psn_no: Annotated[str, text(30, "人员编号")]
    psn_cert_type: Annotated[str, code("psn_cert_type", "人员证件类型")]
    certno: Annotated[str, text(50, "证件号码")]
    psn_name: Annotated[str, text(50, "人员姓名")]
    recog_pic: Annotated[str, long_text(None, "认证照片", note="base64，不超过 1 MB，活体检测后拍摄", personal=True)]
    recog_biz: Annotated[str, code("recog_biz", "认证业务", length=3)]
    plan_id: Annotated[str | None, text(40, "计划ID"), required_when("远程查床时必填")] = None
    mdtrt_id: Annotated[str | None, text(30, "就诊ID"), required_when("远程查床时必填")] = None


@node
class Recognised:
    """认证结果."""

    recog_rslt: Annotated[str, code("recog_rslt", "认证结果", length=3)]
    recog_rslt_dscr: Annotated[str, text(100, "认证结果描述")]


@transaction("9601", "人脸认证", "face recognition", does=Does.CHECKS, of=Of.PERSON)
class Recognise:
    """A face is held against the template.

    - 照片在活体检测后拍摄；base64，不超过 1 MB
    - 远程查床时须填 plan_id 与 mdtrt_id
    """

    @node
    class Input:
        recogInfo: Annotated[Recognition, nested("认证信息")]

    @node
    class Output:
        recogRslt: Annotated[Recognised, nested("认证结果")]


@node
class SpecialRegistration:
    """特殊登记信息."""

    medins_code: Annotated[str, text(30, "医疗机构编码")]
    medins_name: Annotated[str, text(100, "医疗机构名称")]
    psn_no: Annotated[str, text(30, "人员编号")]
    psn_cert_type: Annotated[str, code("psn_cert_type", "人员证件类型")]
    certno: Annotated[str, text(50, "证件号码")]
    psn_name: Annotated[str, text(50, "人员姓名")]
    sp_dcla_rea: Annotated[str, code("sp_dcla_rea", "特殊申报原因", length=3)]
    sp_dcla_dscr: Annotated[str, text(100, "特殊申报说明")]
    sp_dcla_pic: Annotated[str, long_text(None, "特殊申报照片", note="base64，不超过 1 MB", personal=True)]
    recog_biz: Annotated[str, code("recog_biz", "认证业务", length=3)]
    plan_id: Annotated[str | None, text(40, "计划ID"), required_when("远程查床时必填")] = None
    mdtrt_id: Annotated[str | None, text(30, "就诊ID"), required_when("远程查床时必填")] = None


@transaction(
    "9602", "特殊登记", "special registration when a face cannot be recognised", does=Does.REGISTERS, of=Of.PERSON
)
class RegisterSpecially:
    """A face that cannot be recognised.

    - 用于面部受伤或包扎
    - 远程查床时须填 plan_id 与 mdtrt_id
    """

    @node
    class Input:
        spregInfo: Annotated[SpecialRegistration, nested("特殊登记信息")]


@node
class Template:
    """模板信息."""

    medins_code: Annotated[str, text(30, "医疗机构编码")]
    medins_name: Annotated[str, text(100, "医疗机构名称")]
    psn_no: Annotated[str, text(30, "人员编号")]
    psn_cert_type: Annotated[str, code("psn_cert_type", "人员证件类型")]
    certno: Annotated[str, text(50, "证件号码")]
    psn_name: Annotated[str, text(50, "人员姓名")]
    cert_pic: Annotated[str, long_text(None, "证件照片", note="身份证正面，base64，不超过 1 MB", personal=True)]
    model_pic: Annotated[str, long_text(None, "建模照片", note="base64，不超过 1 MB，活体检测后拍摄", personal=True)]


@node
class TemplateResult:
    """建模结果."""

    crte_model_rslt: Annotated[str, code("crte_model_rslt", "建模结果", length=3)]
    crte_model_rslt_dscr: Annotated[str, text(100, "建模结果描述")]


@transaction("9603", "人脸建模", "face template creation", does=Does.UPLOADS, of=Of.PERSON)
class CreateTemplate:
    """A template of a face is made.

    - 证件照与现场照，base64，各不超过 1 MB
    """

    @node
    class Input:
        modelInfo: Annotated[Template, nested("模板信息")]

    @node
    class Output:
        crteModelRslt: Annotated[TemplateResult, nested("建模结果")]

"""The Chinese labels of what this API takes and tells under names of its own. Names of the specification have the label
that is printed there, and stand nowhere a second time."""

from __future__ import annotations

import functools

from ..knowledge.interfaces import BASELINE
from ..spec.nodes import Undeclared, members, node_of

_OWN = """
absences 查过没有的次数
accepted 已收行数
account 个人账户支付
action 怎样办
actions 现在可以怎样办
admission 入院业务
admission_cancelled 已撤销入院
admission_key 入院业务号
advice 要给收款员看的话
again 再传一次
amount 金额
area 就医地医保区划
asked 问的是什么
at 时间
attempts 试过几次
audits 明细审核
auth_no 授权编号
balance 账户余额
bank_card 银行卡
barcode 商品条码
batch_no 批次号
batches 各批
begun_at 开始时间
at 时间
behaviour 用药行为
bill 要办的那张单的业务
bill_date 单据日期
bill_key 要办的那张单的业务号
bill_no 单据号
born 出生日期
break_glass 一个人紧急决定
business_type 用码业务类型
by 由谁
call_id 流水中的编号
cancelled 撤销
candidates 平台上可能的结算
card_token 安全控件校验介质
card_token_for 校验介质所为的交易
cash 个人现金支付
cash_back 退回现金
cause 原因
certno 证件号码
changed 已变更
changed_at 改动时间
changes 是否改动平台
channel_order 渠道订单号
charged_at 收费时间
check 核对什么
code 代码
coming 接班经办人
complete 各项查询都得到了答复
content 内容摘要
count 数量
covers 参保信息
created_at 记下时间
credential 凭证
day 日期
debts 欠办的步骤
decision 怎样处理
delivery 配送信息
deployment 部署
deployments 各部署
detail 补充说明
device 设备
diagnoses 诊断
discharge_cancelled 已撤销出院
discharged 已办出院
dispensed_at 发药时间
dispensing 购药业务
dispensing_key 购药业务号
doctor 医师
doctor_title 医师职称
document 处方文件
document_no 发药单号
does 作用
driver 驱动
drugs 药品
due_at 下次办理时间
ec_token 电子凭证令牌
elsewhere 在别处办的
ended_at 结束时间
error 没办成的原因
escalated_at 交人处理时间
evidence 依据
facts 一并显示的内容
failure 失败种类
failures 没有得到答复的查询
feedetl_sns 费用明细流水号
fees 费用
fees_cancelled 已撤销费用
field 字段
findings 应答中的疑点
finished_at 办完时间
flow 业务
full_own 全自费
fund 基金支付
funds 各基金
gain 取码方式
gender 性别
given_back 已退金额
goods 商品信息
hcard_basinfo 持卡就诊基本信息
hcard_chkinfo 持卡就诊校验信息
head 报文头另给的字段
held 平台上已有的行
holds 占住本人
hospital 医院负担
http_status HTTP 状态
id 编号
id_type 证件类型
idno 证件号码
in_scope 政策范围内
inf_refmsgid 接收方报文ID
infno 交易编号
input 输入
institution 机构编号
insurance 险种与参保地
insured_place 参保地医保区划
interim 中途结算
invoice_no 发票号
ipt_type 住院类型
kept 已收张数
key 业务号
kind 种类
label 名称
late 无人得知的件数
later 以后才能怎样办
leaving 交班经办人
level 退到哪一级
list_name 目录名称
list_price 目录价格
long_term 长期医嘱
lot 批号
made_at 收下时间
main 主要诊断
masked 证件号已脱敏
known_from 只在这个地区见过
may_have_happened 平台上可能已办成
mdtrt_grp_type 就诊人群类型
meant 确是另一单
med_type_name 医疗类别名称
med_types 医疗类别
media 介质
medium 介质
message 说明
msgid 报文编号
name 姓名
new 新密码
node 节点
note 说明
notes 给经办人的提示
number 号码
of_what 作用于什么
office_id 科室编号
office_name 科室名称
offsite 异地就医信息
ok 已办成
open 正在办的件数
operator 经办人编号
operator_name 经办人姓名
options 可选的答案
order 医嘱
order_key 订单业务号
order_no 订单号
org_id 用码机构编号
otp_er_refl_flag 门诊急诊转诊标志
out_trade_no 商户订单号
output 应答
outside_prescription 外购处方
over_limit 超限价自费
own_first 先行自付
owner 办理的进程
paid 已付
parts 各部分
passed 审方通过
password 密码
path 位置
pay_auth_no 支付授权码
payment 支付方式
person 人员
pharmacist 药师
pharmacist_certificate 药师执业证号
photo 照片
place 位置
plugin 插件
plugins 插件
possible 可能是这一笔
prescriber 开方医师
prescription 处方号
prescription_drug 处方药
prescription_key 处方业务号
prescription_no 处方号
price 单价
principal 谁要办的
printed_at 打印时间
proposal 等批准的办法
province 省份
purchase 购药业务
purchase_key 购药业务号
qr_code 处方二维码
question 提问
raw 读出的原文
read 请设备读什么
reason 原因
receipt 签收信息
receipt_no 零售单据号
recorded 取自流水，没有再次发送
refund_no 退款单号
refunded 已退
refused 被拒的行
reg_sn 登记流水号
registered 已备案
registration 备案业务
registration_cancelled 已撤销挂号
registration_key 备案业务号
rel_ttp_flag 涉及第三方标志
remedy 怎么办
reported 已反馈
resolution 怎样查明的
resolves 为查明哪一笔
result 结果
returned 已退的行
returns 要退的行
review 审核
reviewer 审方药师
row 行
rows 明细
rule 规则
rxno 处方号
said 平台的话
sale 销售流水号
scenario 用码场景
scope 有效范围
seconds 等候秒数
seen 平台当时怎样说
seller 销售员
serial 终端流水号
settled_by 结算的业务
settled_by_key 结算的业务号
settlement 结算
settlements 结算
severity 严重程度
sex 性别
shown 出示的码
signature 读卡器签名
signed_in 已签到
signed_out 已签退
since 从哪天起
slip 小票
split 谁付多少
split_pack 拆零
staff 药师等人员
state 状态
state_name 状态名称
status 状态
status_name 状态名称
stay 住院
step 步骤
step_title 步骤名称
sums 合计
text 文字
till 收银台
title 名称
token 令牌
told 告知的内容
total 费用总额
trace_code 追溯码
trace_codes 追溯码
trial 预结算
tries 试过几次
trum_flag 外伤标志
type 凭证类型
unasked 没有列出平台上结算的原因
unit 单位
unknown 结果不明的件数
unsettled 未结算的费用
until 到哪天止
untold 还没有送到的通知
uploaded 已上传的行
use_account 使用个人账户
valid_from 有效期自
valid_to 有效期至
value 答案
version 版本
visit 就诊
visit_key 就诊业务号
visits 就诊
vouchers 结算凭证
ward 病区与入院情况
whom 问谁
why 为什么
withdrawal 撤销信息
withdrawn 已撤销
xml 凭证文件
"""

_LABELS = dict(line.split(" ", 1) for line in _OWN.strip().splitlines())


@functools.cache
def _printed() -> dict[str, str]:
    """The labels of the specification, by wire name; the first place where a name stands counts."""
    found: dict[str, str] = {}
    seen: set[type] = set()

    def walk(node: type) -> None:
        if node in seen or node is Undeclared:
            return
        seen.add(node)
        for member in members(node):
            found.setdefault(member.wire, member.label)
            found.setdefault(member.attribute, member.label)
            if member.node is not None:
                walk(member.node)

    for infno in BASELINE.numbers():
        for shape in (BASELINE[infno].input, BASELINE[infno].output):
            walk(node_of(shape))
    return found


def label_of(name: str) -> str:
    """What ``name`` is called in Chinese; empty where nobody has said."""
    return _LABELS.get(name) or _printed().get(name, "")

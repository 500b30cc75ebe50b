"""The platform's own words and signs, and what they mean: each stands here, once.

What a *transaction* means stands with its declaration (``does``, ``of``); here is what the values and sentences of
answers mean, and where in a message of whatever shape a settlement and its rows are found.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import attrs

from ..spec.locating import find
from ..spec.nodes import is_list, members, node_of

# -- signs -----------------------------------------------------------------------------------------------------------

EVERYTHING = "0000"
"""Every batch (chrg_bchno), or every row (feedetl_sn), where fees are taken back."""

REFUND_FLAG = "refd_setl_flag"
REFUNDED, NOT_REFUNDED = "1", "0"
"""refd_setl_flag of a settlement that was taken back, and of the negative one that takes it back; of one that stands."""

IN_HOSPITAL, OUT = "1", "0"
"""inhosp_stas 在院, 出院."""

NO_ACCOUNT = "0"
"""acct_used_flag of a settlement that leaves the personal account alone."""

BY_IDENTITY_NUMBER = "02"
"""mdtrt_cert_type of who is known by the identity number."""

WARN_TYPES = {"3101": "1", "3102": "2"}
"""warn_type of 3103: before or during treatment, by the audit that is answered."""

OUTPATIENT_TYPES = ("11", "12", "13", "14")
"""The kinds of visit (med_type) that queries are asked for where a call does not say its own."""

STAY_TYPES = ("21", "22", "23", "24", "25", "26", "27", "28", "29", "30", "52")
"""The kinds of stay (med_type) that queries are asked for where a call does not say its own."""


def taken_back(info: Any) -> bool:
    """Whether a settlement's node says that it was taken back, or takes another one back."""
    return getattr(info, REFUND_FLAG, None) == REFUNDED


def names_one(identifier: str | None) -> bool:
    """Whether an identifier names anything: a row that no settlement holds has none, or zeros."""
    return bool((identifier or "").strip("0"))


# -- sentences -------------------------------------------------------------------------------------------------------

_OF_THE_SYSTEM = re.compile(
    r"服务|接口|区划|经办人|操作员|机构|签到|权限|方法|表|视图|路由|路径|地址|端口|证书|签名|版本|编码|代码|参数|函数|配置|数据源|数据库"
    r"|连接|字典|缓存|节点|租户|class|method|service|bean|sql|table|column|url|token",
    re.IGNORECASE,
)
"""What a sentence names that tells of the platform's own parts, or of who asks: then it does not say that what was asked
for is not there."""
_THING = r"(?:就诊|就医|结算|费用|处方|订单|挂号|登记|住院|入院|在院|备案|销售|追溯码|商品|单据|报文)"
_RECORD = rf"(?:{_THING}(?:信息|记录|数据|明细|流水|情况|单)+|交易(?:信息|记录|流水)|记录|数据|明细)"
_VALUE = r"[A-Za-z0-9_\s:：=【】()（）\[\]'\"-]{0,60}"
_NOTHING_FOUND = re.compile(
    rf"(?:{_RECORD}|{_THING})(?:ID|编号|号)?{_VALUE}(?:不存在|未找到|未查询?到)|(?:{_RECORD}|{_THING})(?!ID|编号|号){_VALUE}为空"
    rf"|(?:未|没有?|未能|无法|找不|查不|查询不)(?:查询?|检索|找|获取)?到[^，。；,;]{{0,16}}?{_RECORD}(?!的?查询)"
    rf"|(?:查无|暂无|没有|无)[^，。；,;]{{0,12}}?{_RECORD}"
    r"|^\s*(?:不存在|查无结果|无结果|查询结果为空|未查询?到(?:结果)?)[。！!]?\s*$",
    re.IGNORECASE,
)
"""That what was asked for is not there: a visit, a settlement, rows; not that a person, a card or a service is not, nor
that the question named none."""
_MESSAGE = r"(?:报文(?!头)|消息|交易|业务|流水|记录|数据|单据|结算|就诊|omsgid|msg_?id)"
_NOT_OF_IT = r"[^，。；,;人员参保卡证]{0,24}"
_NO_SUCH_MESSAGE = re.compile(
    rf"(?:{_MESSAGE}|原){_NOT_OF_IT}(?:不存在|未(?:查询?|检索|找)到)"
    rf"|(?:未|没有|找不|查不|查询不)(?:查询?|检索|找)?到{_NOT_OF_IT}(?:{_MESSAGE}|原){_NOT_OF_IT}$"
    rf"|(?:查无|没有|无){_NOT_OF_IT}{_MESSAGE}(?:信息|记录|数据|流水)*[。！!]?\s*$"
    r"|^\s*(?:不存在|未(?:查询?|找)到|查无结果)[。！!]?\s*$",
    re.IGNORECASE,
)
"""That the platform has no such message; not that the person, or a part of the envelope, is not there."""
_REVERSED = "已冲正"
_SIGN_IN_EXPIRED = re.compile(r"签到.{0,8}(过期|失效|无效|不存在)|未签到|(请|需)(先|重新)签到|sign_no.{0,6}(无效|过期)")
DOUBTS: Mapping[str, str] = {
    r"(?<!凭证已)(?<![维款保证]码已)超\s*[时時](?!缴?费|限|未(?!返回|应答|响应|收到|得到|接收|回|处理|结束|成功|完成$|完成[，。,;；])|[，,]?请重新登[录陆])"
    r"|time[d ]?[- ]?\s?out": "platforms of their own queues, relays of the platform",
    r"未知状态|(?<!参保)(?<!处方)(?<!账户)(?<!人员)(?<!待遇)(?<!卡)状态(?:未知|不明|不确定|未确定|待确认)|处理中(?!心)"
    r"|(?:结果|结算|交易|扣[费款])(?:结果|状态|情况)?(?:未知|不明(?!确)|不确定|未确定|待确认|待核实)"
    r"|(?:无法|未能?|不能|没有?)(?:获取|取得|得到|取)到?[^，。；;]{0,6}结果|结果[^，。；;]{0,4}(?:无法|未能|不能)(?:获取|取得|得到)"
    r"|(?:结算|提交|执行)中(?!心|[西成草]?药|医|发现|存在|有|含|包含|缺|未|诊|项目|费用|人员)|业务[^，。]{0,6}办理中"
    r"|正在(?:结算|处理|提交|执行|排队)|排队(?:中|等[待候])|请.{0,4}查询.{0,6}(?:结果|状态)"
    r"|可能(?:已经?|会)?(?:成功|结算|扣[费款]|完成|生效|入账)"
    r"|是否(?:已经?)?(?:成功|结算|扣[费款]|到账|入账)(?!标[志识]|类型|字段)|(?:结算|交易|扣[费款])是否(?:已经?)?(?:成功|完成|生效)"
    r"|(?:无法|不能|未能)(?:确[定认]|判断)[^，。；;]{0,6}(?:结果|是否|交易|成功)"
    r"|(?:交易|请求|报文)已(?:发送|转发|发出)|等待(?:中心|平台|系统|参保地|就医地|结果)[^，。；;]{0,4}确认|结果[^，。；;]{0,3}待[^，。；;]{0,4}确认"
    r"|(?:支付|结算|交易|扣[费款])(?:结果)?确认中|以[^，。；;]{0,6}(?:结算|交易|查询|支付|扣[费款])结果为准|请[^，。；;]{0,10}查询[^，。；;]{0,4}核[对实]"
    r"|正在(?:其[他它]|别的)[^，。；;]{0,6}(?:结算|交易)|正在进行(?:其[他它]|别的)?(?:结算|交易)|已转人工处理"
    r"|(?:受理|冲正)中(?!心)|已(?:自动)?发起(?:冲正|撤销)|入队|等待消费|请求排队|请先确认上一笔|并发(?:结算|交易)|其他(?:结算|交易)操作|等待时间|重试次数|请先查询|查询后处理"
    r"|(?:未完成|进行中|未确认|待确认|待冲正)的?(?:相同|同一)?的?(?:结算|交易|请求)": "platforms, of a message that they have not done with",
    r"(?<![未没不预])(?<!没有)(?:结算|交易|支付|记账|扣[费款])已?经?成功(?=\s*(?:$|[，,。；;！!但]))": "platforms that did one part and not the next: “结算成功，但打印数据生成失败”",
    r"(?<![化尿吸经管泌殖环疫动骼巴觉])(?:子?系统|平台|中心|中台|微?服务|存储过程|加密机|引擎)[级侧端]?[出抛发]?[出现生]?(?:异常|错误|故障|出错)(?!提示|信息|消息|码|\s*[\[【(（]?[-\w]*[\]】)）]?\s*[:：,，])"
    r"|(?:系统|平台|服务|接口)[^，。；;:：]{0,2}(?:不可用|不可达)|目标不可达|服务器拒绝|检查网络"
    r"|(?:系统|服务器?|主机|平台|中心|网络|线路|业务|柜员)[^，。；;:：]{0,2}忙(?!音)|服务异常|令牌桶|并发[数量冲]|(?:负载|负荷)过[高大]|过载|超负荷|CPU": "platforms and front machines under load",
    r"线程|句柄|游标|快照|共享内存|内存(?:溢出|访问)|磁盘|表空间|文件系统|写日志|监听程序|注册中心|服务(?:提供者|未注册)|可用的?实例"
    r"|[连链]接[池数]|代理服务器|域名解析|握手|传输(?:层|流)|安全通道|数据包|链路|专[线网](?:不通|中断|异常|故障)|断网|断线|会话[己已]?被?(?:断开|终止)"
    r"|动态库|DLL|COM组件|组件(?:调用|注册|错误)|语法错误|触发器|获取序列|序列号获取|(?:报文|字段|数据|应答)[^，。；;:：]{0,2}(?:截断|乱码)|接收不完整"
    r"|(?:页面|网页)(?:走丢|不存在|无法)|分布式锁|乐观锁|版本冲突|记录[^，。；;:：]{0,3}(?:锁定|正?被其[他它])": "platforms, relays and libraries, of a part of themselves that no insured person has",
    r"(?:网络|通[讯信]|线路|[连链]接|套接字)[^，。；;:：]{0,8}(?:异常|错误|故障|[中终]断|[中终]止|失败|失去|不通|不给力|问题|断开|关闭|重置|丢失|波动|拒绝)"
    r"|(?:断开|关闭|重置|中止|终止)[^，。；;]{0,10}连接|无法连接|连不上|远程(?:服务器|主机|名称)|基础连接|中止线程|线程[^，。；;]{0,4}[中终]止|缓冲区|前置机?(?:服务)?未启动"
    r"|对象引用|空(?:指针|引用)|索引超出|数组(?:界限|越界|下标)|内存不足|受保护的内存|堆栈溢出|引发类型为|[。.]\s*参数名[:：]|关键字不在字典|不存在于字典|类型转换(?:异常|错误|失败)|指定的转换"
    r"|根级别上的数据|输入字符串的格式|加载[^，。；;]{0,6}程序集|未找到方法|无法执行枚举|序列不包含|算术溢出|除数为零|无效指针|^(?:类型不匹配|非法操作|对象为空|对象不存在|方法不存在)\W*$|变量未[定设]"
    r"|请求被?(?:中止|取消|终止)|已取消一个任务|任务[^，。；;]{0,2}取消|^操作已被?取消|提交了协议冲突": "front machines on Windows, in .NET's and the system's own words: “远程主机强迫关闭了一个现有的连接”, “未将对象引用设置到对象的实例”",
    r"(?:返回|应答|响应|回执|出参|输出(?=参数|报文|结果))(?:的?(?:参数|串|报文|数据|结果|信息|内容|值|体))?[^，。；;:：]{0,4}"
    r"(?:为空|解析|格式|验签|异常|失败|错误|不完整|长度|篡改|截断|非法|无效|不可识别|缺少|关闭|值不[为等])|(?:解析|读取|接收)[^，。；;:：]{0,6}(?:返回|应答|响应)"
    r"|(?:未|没有?|无|等待)[^，。；;:：]{0,8}(?:返回|应答|响应|回执)(?!药)|结果未返回|[无没]有?输出(?!量)|(?:字段|参数|报文|数据|串)[^，。；;:：]{0,2}解析(?:异常|失败|出错)|返回\s*(?:值|了)?\s*(?:空|null)"
    r"|(?:解析|转换|反?序列化)\s*(?:json|xml)|(?:json|xml)[^，。；;:：]{0,4}(?:解析|转换|异常|错误|失败)": "relays and platforms of a line behind them, of an answer that did not come or could not be read",
    r"死锁|锁等待|获取锁|锁获取|事务(?:[^，。]{0,6}(?:回滚|提交)|异常|超时)|回滚|数据库[^，。；;:：]{0,6}(?:异常|错误|失败|连接|忙|不可用)"
    r"|\bORA-(?!20\d{3}|06512|04088)\d{5}|data truncation|for column"
    r"|(?:保存|写入|插入|更新|生成|打印|[入落]库|[回推]写|回[传调]|扣[费款]|支付|[记入冲]账|账务|清分|存储过程)[^，。；;:：]{0,8}(?:失败|异常|出?错误?)\W*(?:请.{0,12})?$": "platforms, of their database: what was written may have been written",
    r"(?:参保[地省]|就医[地省]|异地|省级|部级)(?:的?(?:平台|系统|接口|服务|中心))?[^，。；;:：]{0,6}(?:异常|失败|故障|不可用|不通)"
    r"|(?:路由|寻址|(?<!时间)节点)[^，。；;:：]{0,6}(?:失败|异常|错误|不可用)|(?:服务|触发|已)(?:降级|熔断)": "platforms that pass a call on to another one, of what became of it there",
    r"(监管)?接口.{0,2}短暂异常": "official reasons of one-code payment: it may have happened, and passes with time",
    r"unexpected end of file|\bEOF\b": "relays of vendors, of an answer that broke off: “调用接口失败,原因：Unexpected end of file from server”",
    r"status code\s*:?\s*5\d\d|gateway|service unavailable|internal (?:server )?error"
    r"|(?:http|code|status|error|错误码?|状态码?)\W{0,4}50[0-4]\b|\b50[0-4]\b\W{0,3}(?:bad|error|错误|网关|服务)": "relays, of what stands between them and the platform: “error status code :504”",
    r"connection (?:reset|refused|closed|aborted)|max retries|broken pipe|socket|java\.(?:net|io|sql)|feign|I/O error": "Java's names for a broken line, in the text of relays and platforms",
    r"(?:nullpointer|indexoutofbounds|classcast|illegalstate|rpc|remoting|remoteaccess|resourceaccess|noHttpResponse"
    r"|httpserver|ssl\w*|json\w*|sql\w*|jdbc|hystrix|outofmemory|interrupted|execution|canceled|web)\w*(?:exception|error)": "Java's own failures, in the text of relays that read an answer that never came: their names say where a program broke off, not why the platform said no",
}
"""Words of a refusal that say that nobody knows what was done, each with where it is said: by what relays, front machines
and the libraries of vendors answer in the platform's place, and by platforms of a line behind them. The name of a
business exception alone is no doubt: real reasons come in exceptions, too. What gives no reason at all
(:func:`gives_a_reason`) needs no word of these."""

_PERHAPS_DONE = re.compile("|".join(DOUBTS), re.IGNORECASE)
_OF_THE_CASE = re.compile(
    r"(?:^|(?<=[，,。；;:：]))\s*(?:该|此|本|您的)?(?:电子|异地|就医)*(?:处方|备案|转诊|订单|预约|挂号)(?:已经?)?超时"
    r"|(?:^|(?<=[，,。；;:：]))\s*超时(?:上传|申报|备案|登记|补录|取药|段)|(?:付款|收款|支付|医保|凭证|二维|条)码(?:已经?)?超时"
    r"|(?:停保|关系|转移|接续|备案|认定|转诊|变更|审批)[^，。；;:：]{0,6}(?:处理|办理)中(?!心)"
    r"|(?:参保地|就医地|异地)[^，。；;:：查调取]{0,4}(?:备案|待遇|转诊|账户|险种|资格)[^，。；;:：查调取扣连接支付]{0,4}(?:异常|失败)"
    r"|异地(?:就医)?结算(?:失败|异常)(?=[，,。：:！!]\s*\S)|(?:参保地|就医地|异地)审核失败"
    r"|网络(?:医院|药店|平台|购药|销售|延伸)[^，。；;:：]{0,6}(?:异常|错误|失败)|通[讯信](?:地址|方式|录|号码)[^，。；;:：]{0,6}(?:异常|错误|失败)"
    r"|时间节点[^，。；;:：]{0,6}(?:异常|错误)|连接[管器头片件线][^，。；;:：]{0,6}(?:异常|错误)"
)
"""What is late, under way or wrong in the case itself, in words that are said of a line, too: “处方已超时”, “异地备案状态异常”,
“停保业务办理中”."""
_OUT_OF_SERVICE = re.compile(
    r"(?:系统|平台|服务|中心|数据库?|接口|通道|主备|程序)[^，。；;:：未需请先已不]{0,8}(?:维护|升级|切换|割接|迁移|结转|同步|日切|重启)"
    r"(?:处理|进行)*(?:中(?!心)|期间|\W|$)|日终|日切|年终结转|(?:系统|平台|中心|接口)[^，。；;:：]{0,4}暂停服务"
)
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_ENGLISH_REASON = re.compile(
    r"\b(?:must|may|can|should) ?not be\b|\brequired\b|\binsufficient\b|\bmismatch|\bmissing (?!response|reply)|\billegal (?!state)"
    r"|\bnot (?:enough|allowed|permitted|supported|insured|enrolled|registered|eligible|covered|authori[sz]ed)\b"
    r"|\bpermission denied\b|\b(?:person|patient|insured|diagnosis|drug|card|account)\b[^.;]* (?:not found|does not exist)\b"
    r"|\b(?:person|patient|insured|card|account)\b[^.;]* (?:suspended|terminated|frozen|deceased|dead|blocked)\b"
    r"|\btoo (?:long|large)\b|\bexpired\b|\binvalid (?:parameter|value|field|format|[a-z]+_[a-z_]+)"
    r"|^[\w.$]*(?:business|biz|service|hsaf?)\w*exception\s*$",
    re.IGNORECASE,
)
"""What in a sentence without Chinese is a reason all the same: a program's checks of what it is given; and the bare name
of a business exception, which says no more, but is none of a line."""
_CARRIER = re.compile(
    r"[\x00-\x7f\s，。！？、；：（）【】“”《》—…～]|处理费用时"
    r"|(?:医疗|费用|门诊|住院|药店|统筹|基金|个人|账户|病人|患者|人员|处方)+(?:结算|处理|支付|登记)(?=失败|异常|[未不]成功|时?出错)|(?:医保|平台|中心|服务|省|部|局)[端侧]|(?:错误|异常|返回|响应|故障)(?:代码|编[码号]|[码号值])"
    r"|医保[局办]|医保|医疗保障|国家|跨省|省|市|平台|中心|核心|系统|内部|外部"
    r"|服务器?|接口|程序|后[台端]|前置机?|网关|[上下]游|第三方|外围|对方|远[程端]|控件|模块|通道|页面|网[页站]|资源(?:不足)?|流程|数据库|数据|缓存|消息|队列|网络"
    r"|通[讯信]|连接|报文|请求|调[用度]|转发|推送|发送|接收|提交|执行|操作|处理|办理|运行|交易|任务|业务|结算|撤销|冲正|登记|上[传报]|[加解]密|[密明]文"
    r"|(?:不|没有)?成功|完成|失败|异常|错误|故障|[出报]错|有误|中断|终止|挂起|悬挂|冲突|[阻堵]塞|占用|丢[失弃]|限流|熔断|降级|繁忙|忙|缓慢|未知|不[明详]|意外|非预期"
    r"|灾难性|未定义的?|未指定的?|部分|全部|一个或多个|其[他它]|代码|返回|流水号\s*(?:[:：]|$)|行号|详情|日志"
    r"|内容|信息科|信息|结果|原因|情况|出现|发生|存在|遇到|暂时|当前|目前|本次|此次|该|此|本|笔|请与?|您|过程|批处理|如有|疑问|稍[后候等]|片刻|耐心|等待|较长时间|时间较长|需要"
    r"|核[对实]|响应|正在?|再[试来]|重试|重新|再次?|联系[^，。；;]{0,4}(?:工程师|运维|厂[商家]|公司)|联系|咨询|拨打|客服|电话|管理员|工作人员|技术|支持|运维|开发|工程师|人员|截图|保留|现场"
    r"|反馈|查看|开小差|睡着|走丢|很?抱歉|对不起|哎呀?|啦|呀|哦|呢|好像|似乎|有|出|点|问题|进行中?|后|分钟|勿|关闭|访问|人?太多|人数|用户|流量|量|过[多大高于]|频繁|触发"
    r"|挤爆|了|的|已|未|被|无|时|为"
)
"""What a sentence may consist of and still give no reason: who speaks, what was asked, that it failed, what to do."""
_CLAUSES = re.compile(r"[，,。；;：:！!]")
_FAILS = re.compile(
    r"失败|异常|故障|[出报]错|[中终]断|[中终]止|溢出|崩溃|宕机|断电|丢失|延迟|迟到|拥堵|太慢|过长|泄漏|[不未]同步|不通|罢工|抽风|不好|写满|悬挂|[未停][启止]|挂了|未能完成|抢修"
)
"""What says that something went wrong."""
_OF_THE_INSURED = re.compile(
    r"参保|保险|校验|核验|比对|核查|明细|合计|规格|注册证|血|病历|文件|附件|材料|必传|险种|社保|社会保障|医保[卡码]|[卡码]|凭证|令牌|密码|密钥|人脸|刷脸|实人|身份|姓名|证件|证号|人证|患者|病人|人员|职工|居民|单位|家庭|共济|黑名单|信用"
    r"|待遇|资格|备案|认定|审核|审批|登记|签约|选点|未选|定点|机构|医院|药店|网点|科室|医[师生]|护士|协议|诊|病|门[慢特]|慢特|处方|医嘱|手术|药|耗材|材料|器械|治疗|检查"
    r"|项目|目录|编码|代码|对[码照]|字典|值域|费|金额|总额|余额|账户|单价|价格|数量|用量|剂量|天数|次数|人次|限[额制次量价用]|封顶|起付|统筹|基金|救助|报销|自付|发票|票据"
    r"|单据|订单|批次|追溯|条码|商品|库存|进销存|住院|入院|出院|在院|转院|床|分组|日期|时[间长](?!过长|较长)|既往|年龄|性别|体重|身高|生育|新生儿|伤|死亡|清算|对账|拨付|就医"
    r"|参数|入参|字段|格式|必填|长度|类别|类型|标[志识]|编号|序号|流水号|版本|签名|验签|签到|权限|授权|经办|操作员|地址|手机|通[讯信]方式|psn_|setl_|mdtrt_|insu"
)
"""What a refusal is about, where it has a reason: the insured and their cover, the visit, the goods, the message."""
_PROGRAMS = re.compile(r"<\s*[!?/a-z]|\{\s*[\"']|\[\s*[{\"']", re.IGNORECASE)
"""How a page or a structure begins that a program wrote; [E001] before a sentence is none."""
_FACT = re.compile(r"(?:未|没有|已经?|请先)(?:登记|上传|结算|撤销|冲正)(?!成功|完成|失败)|(?:无|没有)[此该]?人员")
"""How things stand, in the same words: that is a reason."""
_SPEAKS_FIRST = re.compile(
    r"^[^，。；;:：未没无等待]{0,10}?(?:返回|应答|响应|服务|路由|寻址)的?(?:错误|失败|异常)"
    r"(?:信息|消息|代码|码|内容|原因|提示|描述)?\s*[\[【(（]?[-\w]{0,12}[\]】)）]?\s*[:：,，]\s*"
    r"(?!的?(?:报文|数据|结果|信息|内容|值|体|json|xml)[^，。；;:：]{0,4}(?:为空|解析|格式|验签|不完整)|解析|格式|验签|为空|不完整)",
    re.IGNORECASE,
)
"""What whoever passes a sentence on puts before it: “返回错误：”. It says nothing of the line where a reason follows; what
could not be read of an answer is none."""
_ARRIVED_BEFORE = re.compile(
    r"(?:报文|msg_?id|请求(?!参数)|交易)[^，。；;未]{0,8}重复"
    r"|(?:请|勿|不[要能得]|禁止|不允许)重复(?:发送|发起|推送|支付|扣[费款])|^请?(?:勿|不要)重复(?:撤销|退费|退款)|重复的?撤销请求"
    r"|(?:medins_setl_id|机构结算(?:ID|流水号))[^，。；;]{0,4}(?:重复|已经?存在|不唯一)|流水号?不唯一"
    r"|(?:报文|msg_?id|请求|交易|任务|业务)[^，。；;]{0,8}已经?被?(?:处理|存在|办理|接收|受理|提交|使用|占用|完成)"
    r"|(?:^|发送方|业务|系统|平台|[\s:：，,。])流水号?(?:重复|已经?被?(?:使用|存在|占用|处理))|^该?(?:记录|数据)已经?存在[。！!]?$"
    r"|已经?处理(?![^，。；;]{0,6}[，, ]?不[能可])"
    r"|(?<!未)重复的?(?:提交|请求|结算|报文|交易|操作)|duplicate|unique (?:constraint|index|key)|唯一(?:性)?(?:约束|索引|键)|主键(?:冲突|重复)"
    r"|^[您你]?已(?:经)?(?:受理|接收|提交)",
    re.IGNORECASE,
)
_SETTLED_BEFORE = re.compile(
    r"已经?(?:完成|办理|被|全部|成功)?(?:医保)?结算(?!中心|价|[^，。；;]{0,4}(?:金额|总额|次数|上限|限额|\d次|[一两二三四五]次))|(?:已有|存在)(?:有效|相同|重复|其他)?的?结算(?=单|记录|信息|数据|\W|$)|单边账|(?<!未)重复结算|已经?扣[费款]"
    r"|(?:单据?|处方|订单|批次|费用|本次|该笔)已经?(?:缴费|支付|付款|收费|报销|入账)(?!金额|总额|达|超|上限|限额)"
)
_TAKEN_BACK_BEFORE = re.compile(r"已经?(撤销|退费|退款|冲销|冲正|作废|取消结算)")

REFUSED = ("-1",)
"""What ``infcode`` says of a refusal, by the specification."""


def found_nothing(refusal: str) -> bool:
    """Whether a query that was refused in these words found nothing."""
    return bool(_NOTHING_FOUND.search(refusal)) and not _OF_THE_SYSTEM.search(refusal)


def knows_no_message(refusal: str) -> bool:
    """Whether a 2601 that was refused in these words was so because the platform has no such message."""
    return bool(_NO_SUCH_MESSAGE.search(refusal)) and not _OF_THE_SYSTEM.search(refusal)


def is_reversed_already(refusal: str) -> bool:
    """Whether a 2601 that was refused in these words was so because it had been done."""
    return _REVERSED in refusal


def sign_in_expired(refusal: str) -> bool:
    """Whether these words say that the operator's sign-in no longer holds."""
    return bool(_SIGN_IN_EXPIRED.search(refusal))


def perhaps_done(refusal: str, further: Iterable[str] = ()) -> bool:
    """Whether these words say that nobody knows what the platform did: itself does not, or a line behind it broke.
    ``further`` are a region's own words."""
    said = _SPEAKS_FIRST.sub("", refusal.strip())
    words = said if gives_a_reason(said) else refusal
    return bool(_PERHAPS_DONE.search(_OF_THE_CASE.sub("", words))) or _says(refusal, further)


def out_of_service(refusal: str) -> bool:
    """Whether these words say that the platform, or a part of it, does not work at the moment: when it stopped, before
    or after what was asked for, they do not say."""
    return bool(_OUT_OF_SERVICE.search(refusal))


def gives_a_reason(refusal: str) -> bool:
    """Whether a sentence says why something was refused: it is one that can be read, in Chinese, and says more than who
    speaks and that it failed. Programs' texts, codes, pages and “系统异常” do not; “系统异常：参保人已停保” does."""
    plain = refusal.strip()
    if not _CHINESE.search(plain):
        return bool(_ENGLISH_REASON.search(plain))
    if _PROGRAMS.match(plain):
        return False
    if _FACT.search(plain):
        return True
    return any(
        _CARRIER.sub("", each) and (_OF_THE_INSURED.search(each) or not _FAILS.search(each))
        for each in _CLAUSES.split(plain)
    )


def says_nothing(refusal: str) -> bool:
    """Whether a Chinese sentence says that something failed, and not why."""
    return bool(_CHINESE.search(refusal)) and not gives_a_reason(refusal)


_PASSES = re.compile(
    r"调用.{0,4}平台.{0,10}失败|连接.{0,8}(平台|中心|服务).{0,4}失败|短暂异常|稍[后候](再|重)?试|请稍[后候]|[尚还暂]?未(下发|同步)|正在同步"
    r"|(不在|非)(允许)?(数据)?上传的?(时间|时段)|时间?段内?(不允许|不能|禁止)上传|正在(维护|升级)|(维护|升级)(中(?!心)|期间)"
)


def passes_with_time(refusal: str) -> bool:
    """Whether what was refused in these words is to be tried again later as it is: the platform was not ready."""
    return bool(_PASSES.search(refusal))


def arrived_before(refusal: str, further: Iterable[str] = ()) -> bool:
    """Whether these words say that the message was there already: what is refused is another copy of it. ``further``
    are a region's own words."""
    return bool(_ARRIVED_BEFORE.search(refusal)) or _says(refusal, further)


def settled_before(refusal: str) -> bool:
    """Whether these words, said of a settlement, say that what was to be settled is settled."""
    return bool(_SETTLED_BEFORE.search(refusal))


def taken_back_before(refusal: str) -> bool:
    """Whether these words, said of a cancellation, say that what was to be taken back is taken back."""
    return bool(_TAKEN_BACK_BEFORE.search(refusal))


def _says(refusal: str, further: Iterable[str]) -> bool:
    return any(re.search(each, refusal, re.IGNORECASE) for each in further)


# -- where it stands -------------------------------------------------------------------------------------------------

SERIAL = "feedetl_sn"
"""What a fee row is known by."""

IDENTIFIERS = ("setl_id", "mdtrt_id")
"""What a settlement and a visit are known by."""


def settlement_in(answer: Any) -> Any:
    """The node of an answer that tells of one settlement (setlinfo, by whatever name); None where there is none."""
    if answer is None or isinstance(answer, list):
        return None
    shape: Any = type(answer)
    for member in members(shape):
        if member.node is not None and not member.repeats and _has(member.node, "setl_id"):
            return getattr(answer, member.attribute)
    return None


SETTLED: dict[str, tuple[str, ...]] = {
    "psn_no": ("psn_no",),
    "setl_id": ("setl_id",),
    "mdtrt_id": ("mdtrt_id",),
    "setl_time": ("setl_time",),
    "insutype": ("insutype",),
    "med_type": ("med_type",),
    "clr_type": ("clr_type",),
    "clr_optins": ("clr_optins",),
    "clr_way": ("clr_way",),
    "medfee_sumamt": ("medfee_sumamt",),
    "fund_pay_sumamt": ("fund_pay_sumamt",),
    "acct_pay": ("acct_pay",),
    "psn_cash_pay": ("psn_cash_pay", "cash_payamt"),
}
"""What is kept of a settlement for lists and reconciliation, and the names that answers have for it (5203 and the
cancellation at a pharmacy call the cash by another)."""

_KINDS = {
    "setl_time": datetime,
    "medfee_sumamt": Decimal,
    "fund_pay_sumamt": Decimal,
    "acct_pay": Decimal,
    "psn_cash_pay": Decimal,
}


def settled(asked: Any, answered: Any, *, cancels: bool) -> dict[str, Any]:
    """What :data:`SETTLED` names of a settlement, or of its cancellation: as the answer tells it; what the answer leaves
    out, as the call asked for it. The number of a settlement that is ``cancelled`` is ``refund_of``, and sums of a
    cancellation are the answer's alone."""
    info = settlement_in(answered)
    told: dict[str, Any] = {}
    for fact, names in SETTLED.items():
        kind = _KINDS.get(fact, str)
        beside = None if cancels and (kind is Decimal or fact == "setl_id") else asked
        places = (*(getattr(info, name, None) for name in names), *(find(beside, name) for name in names))
        told[fact] = next((value for value in places if isinstance(value, kind) and value != ""), None)
    if cancels:
        told["refund_of"] = find(asked, "setl_id")
        told["setl_id"] = None if told["setl_id"] == told["refund_of"] else told["setl_id"]
    return told


ONLY_REFUSED = "ErrDetail"
"""How nodes end that list the refused rows of several, and no others."""

REFUSED_ROW = "0"
"""retRslt of a row that was not taken."""


def refused_rows(answer: Any) -> list[tuple[str, str]]:
    """Of an answer that took some rows and not others, the batch (fixmedins_bchno) of each of these, and the platform's
    words."""
    shape: Any = type(answer)
    if not attrs.has(shape):
        return []
    found: list[tuple[str, str]] = []
    for member in members(node_of(shape)):
        rows = (getattr(answer, member.attribute) or ()) if member.node is not None and member.repeats else ()
        for row in rows:
            verdict = getattr(row, "retRslt", None) or (REFUSED_ROW if member.wire.endswith(ONLY_REFUSED) else "")
            if verdict == REFUSED_ROW:
                found.append((getattr(row, "fixmedins_bchno", None) or "", getattr(row, "msgRslt", None) or "未说原因"))
    return found


def single_node(shape: Any, name: str, default: str) -> str:
    """The wire name of the node of a shape, one and no list, that has a field ``name``; ``default`` for none."""
    if is_list(shape):
        return default
    single = (m for m in members(shape) if m.node is not None and not m.repeats)
    return next((m.wire for m in single if _has(m.node, name)), default)


def rows_with(message: Any, *names: str) -> Iterator[Any]:
    """The rows of a message that have fields of these names, however deep its lists stand: typed nodes, or JSON."""
    if isinstance(message, list):
        for row in message:
            if all(_value(row, name) is not None for name in names):
                yield row
            else:
                yield from rows_with(row, *names)
    elif isinstance(message, dict):
        for value in message.values():
            yield from rows_with(value, *names)
    elif attrs.has(shape := type(message)):
        for member in members(shape):
            if member.node is not None:
                yield from rows_with(getattr(message, member.attribute), *names)


def value_in(message: Any, name: str) -> Any:
    """The first value that a JSON message has under ``name``, in whatever node; None where it has none."""
    if isinstance(message, dict):
        held = (message.get(name), *(value_in(value, name) for value in message.values()))
    else:
        held = tuple(value_in(row, name) for row in message) if isinstance(message, list) else ()
    return next((value for value in held if value is not None), None)


def _value(row: Any, name: str) -> Any:
    return row.get(name) if isinstance(row, dict) else getattr(row, name, None)


def _has(shape: Any, name: str) -> bool:
    """Whether nodes of that shape have the field themselves."""
    return any(member.node is None and member.wire == name for member in members(shape))

#!/bin/sh
# 用 curl 经本地接口办一笔医保购药：开始、回答提问、打印小票，再把同一请求发一次。
# A purchase through the local API with curl: start, answer, print the slip; then the same request once more.
#
#   sh purchase.sh 账单.json                               在终端里回答提问 · asked at the terminal
#   sh purchase.sh 账单.json use_account=1 confirm=yes     预先回答 · answered in advance
#
# 要 POSIX sh、curl、python3（只用来取 JSON 的字段 · only to pick fields）。
# 环境变量 LIANGDING_API_KEY 是密钥；LIANGDING_URL、LIANGDING_TIMEOUT、LIANGDING_PATIENCE 可改（见 README.md）。
#
# 只有一条规矩：拿不到确定的结果，就把同一份请求、用同一业务号再发一次，永不换号。
# The one rule: without a certain result, send the same bytes with the same key again; never take a new key.
#
# 退出码 · exit codes：0 办完；1 没办成、没收费；2 请求不对；3 结果不明；4 已收费而后续未完
set -u

url=${LIANGDING_URL:-http://127.0.0.1:8180}
api_key=${LIANGDING_API_KEY:?先设置环境变量 LIANGDING_API_KEY}
timeout=${LIANGDING_TIMEOUT:-90}
patience=${LIANGDING_PATIENCE:-60}

if [ $# -eq 0 ]; then
    echo "用法：sh purchase.sh 账单.json [问题=答案 …]" >&2
    exit 2
fi
bill=$1
shift
answers=$*

work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

# ---- JSON ------------------------------------------------------------------------------------------------------------

# pick 文件 名字…：顺着名字取一个值；没有就是空 · the value under these names, empty where there is none
pick() {
    python3 -c '
import json, sys
value = json.load(open(sys.argv[1], encoding="utf-8"))
for name in sys.argv[2:]:
    value = value.get(name) if isinstance(value, dict) else None
sys.stdout.buffer.write(("" if value is None else str(value)).encode())' "$@"
}

# rows 文件 名字… -- 列…：每行一个，列以制表符分隔 · one line for each row of a list, columns by tabs
rows() {
    python3 -c '
import json, sys
cut = sys.argv.index("--")
value = json.load(open(sys.argv[1], encoding="utf-8"))
for name in sys.argv[2:cut]:
    value = value.get(name) if isinstance(value, dict) else None
for row in value or []:
    cells = [str(row[column]) for column in sys.argv[cut + 1:]] if isinstance(row, dict) else [str(row)]
    sys.stdout.buffer.write(("\t".join(cells) + "\n").encode())' "$@"
}

key=$(pick "$bill" receipt_no) || exit 2
if [ -z "$key" ]; then
    echo "账单里没有 receipt_no：它就是业务号" >&2
    exit 2
fi

# ---- 一次请求 · one request ------------------------------------------------------------------------------------------

# post 路径 正文文件 [更多 curl 参数]：应答在 $work/answer，状态码在 $status（000：没有应答 · no answer）
post() {
    path=$1 body=$2
    shift 2
    # 密钥经标准输入交给 curl，不出现在进程列表里 · the key does not show in the list of processes
    status=$(printf 'header = "Authorization: Bearer %s"\n' "$api_key" |
        curl --silent --noproxy '*' --connect-timeout 5 --max-time "$timeout" --config - \
            --header 'Content-Type: application/json' --data-binary "@$body" "$@" \
            --dump-header "$work/headers" --output "$work/answer" --write-out '%{http_code}' "$url$path") || status=000
}

# 状态码要做什么：2xx 往下走（返回 0）；该再问的返回 1；再问也没用的说明后退出
# What a status asks for: go on (0), ask again (1), or say why and leave
judge() {
    case $status in
        2??) return 0 ;;
        000)
            because="本地接口没有应答"
            return 1
            ;;
    esac
    code=$(pick "$work/answer" error code 2>/dev/null)
    because=$(pick "$work/answer" error message 2>/dev/null)
    case $status/$code in
        409/in_progress | 409/flow_state) return 1 ;; # 正在办理 · being worked on
        422/bad_answer) return 1 ;;                   # 问题已变 · another question by now
        5??/*) return 1 ;;                            # 503 未发出，504 结果不明，500 内部错误
    esac
    echo "接口拒绝了请求（$status $code）：$because"
    rows "$work/answer" error problems -- path label message | sed 's/^/  ✗ /'
    echo "办法：$(pick "$work/answer" error remedy)"
    exit 2
}

waited=0
# 等一等再问；等够了就是结果不明 · wait before asking again; after enough of it the outcome is unknown
pause() {
    seconds=$(sed -n 's/^[Rr]etry-[Aa]fter: *\([0-9]\{1,4\}\).*/\1/p' "$work/headers" 2>/dev/null)
    seconds=${seconds:-2}
    waited=$((waited + seconds))
    if [ "$waited" -gt "$patience" ]; then
        echo "结果不明：$because"
        echo "不要重新收费，不要换业务号。记下业务号 $key，稍后用它再问；也可看 liangding journal list"
        exit 3
    fi
    echo "… $because；稍候，用同一业务号再问"
    sleep "$seconds"
    : >"$work/headers"
}

# 开始，或再问：同一个请求 · start, or ask again: it is the same request
ask() {
    while :; do
        post /v1/flows/pharmacy_purchase "$bill" --header "Idempotency-Key: $key"
        if judge; then return; fi
        pause
    done
}

# ---- 提问 · questions ------------------------------------------------------------------------------------------------

declined=no

answer() {
    question=$(pick "$work/answer" question id)
    echo "问$(pick "$work/answer" question whom)：$(pick "$work/answer" question text)"
    rows "$work/answer" question facts -- label value | sed 's/^/    /'
    rows "$work/answer" question options -- value label detail | sed 's/^/  /'
    allowed=" $(rows "$work/answer" question options -- value | tr '\n' ' ')"
    value=
    for pair in $answers; do
        case $pair in "$question="*) value=${pair#*=} ;; esac
    done
    while :; do
        case "$allowed" in *" ${value:-?} "*) break ;; esac
        printf '答：'
        if ! read -r value; then
            echo "没有人回答，这笔业务等着答案；用同一账单再来即从这里继续" >&2
            exit 1
        fi
    done
    echo "答：$value"
    declined=no
    if [ "$question=$value" = confirm=no ]; then declined=yes; fi
    printf '{"question":"%s","value":"%s"}' "$question" "$value" >"$work/value"
    post "/v1/flows/$(pick "$work/answer" id)/answer" "$work/value"
    if judge; then return; fi
    pause # 不知道答案到了没有：不重发答案，先再问 · never repeat the answer blindly, ask first
    ask
}

# ---- 结果 · results --------------------------------------------------------------------------------------------------

settled() {
    echo "结算编号 $(pick "$work/answer" result settlement setl_id)，应收现金" \
        "$(pick "$work/answer" result settlement split cash) 元"
    rows "$work/answer" advice -- | sed 's/^/※ /'
}

unfinished() { # 钱已结算，后面的步骤没完 · the money is settled, a later step is not done
    settled
    echo "医保已结算，照此收款。「$(pick "$work/answer" step_title)」还没办完：$(pick "$work/answer" error message)"
    echo "稍后用同一业务号再问，会从这一步继续，不会再收费"
    exit 4
}

not_charged() {
    if [ "$declined" = yes ]; then
        : >"$work/value"
        post "/v1/flows/$(pick "$work/answer" id)/abandon" "$work/value"
        echo "没有办成，没有收费：参保人没有确认"
        exit 1
    fi
    echo "没有办成，没有收费：$(pick "$work/answer" error message)"
    rows "$work/answer" error problems -- path label message | sed 's/^/  ✗ /'
    echo "办法：$(pick "$work/answer" error remedy)"
    exit 1
}

ask
while :; do
    settlement=$(pick "$work/answer" result settlement)
    case $(pick "$work/answer" status) in
        question) answer ;;
        done) break ;;
        abandoned)
            echo "这笔业务已放弃，没有收费；要重新办，请用新的业务号"
            exit 1
            ;;
        stopped)
            if [ -n "$settlement" ]; then unfinished; fi
            not_charged
            ;;
        *) # running、unknown
            if [ -n "$settlement" ]; then unfinished; fi
            because=$(pick "$work/answer" error message)
            pause
            ask
            ;;
    esac
done
pick "$work/answer" result slip
settled

echo
echo "同一请求再发一次，得到的是记录的结果，平台上不会多一笔 · the same request again gives the recorded result:"
ask
echo "状态 $(pick "$work/answer" status)，$(settled | head -n 1)"

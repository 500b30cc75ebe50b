import java.io.IOException;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Scanner;

/**
 * 收银软件经本地 HTTP 接口办一笔医保购药：一个文件，Java 11 起，没有依赖。
 *
 * <p>A pharmacy till's purchase through Liangding's local HTTP API. One file, Java 11 or later, no dependencies.
 *
 * <pre>
 *   java -Dfile.encoding=UTF-8 PharmacyClient.java ../bill.json                                 在终端里回答提问
 *   java -Dfile.encoding=UTF-8 PharmacyClient.java ../bill.json use_account=1 confirm=yes       预先回答
 * </pre>
 *
 * <p>环境变量 LIANGDING_API_KEY 是密钥；LIANGDING_URL（缺省 http://127.0.0.1:8180）、LIANGDING_TIMEOUT（一次请求等多少
 * 秒，缺省 90）、LIANGDING_PATIENCE（拿不到确定的结果时总共再问多少秒，缺省 60）可改。
 *
 * <p>全文只有一条规矩：<b>拿不到确定的结果，就把同一份请求、用同一业务号再发一次，永不换号。</b>业务号就是收银软件自己的
 * 单据号；同号同内容只办一次，再问得到的是记录的结果，不会收第二次费。
 * The one rule: without a certain result, send the same bytes with the same key again; never take a new key.
 */
public final class PharmacyClient {

    /** 退出码：收银软件该做什么 · What the till does next. */
    static final int DONE = 0, NOT_CHARGED = 1, WRONG_REQUEST = 2, OUTCOME_UNKNOWN = 3, CHARGED_BUT_UNFINISHED = 4;

    public static void main(String[] arguments) throws Exception {
        if (arguments.length == 0) {
            System.err.println("用法：java -Dfile.encoding=UTF-8 PharmacyClient.java 账单.json [问题=答案 …]");
            System.exit(WRONG_REQUEST);
        }
        byte[] bill = Files.readAllBytes(Path.of(arguments[0]));
        String key = Json.text(Json.parse(new String(bill, StandardCharsets.UTF_8)), "receipt_no");
        if (key.isEmpty()) {
            System.err.println("账单里没有 receipt_no：它就是业务号");
            System.exit(WRONG_REQUEST);
        }
        Map<String, String> answers = new LinkedHashMap<>();
        for (int i = 1; i < arguments.length; i++) {
            String[] pair = arguments[i].split("=", 2);
            answers.put(pair[0], pair.length == 2 ? pair[1] : "");
        }
        Api api = new Api(
                setting("LIANGDING_URL", "http://127.0.0.1:8180"),
                setting("LIANGDING_API_KEY", ""),
                Duration.ofSeconds(Long.parseLong(setting("LIANGDING_TIMEOUT", "90"))));
        Duration patience = Duration.ofSeconds(Long.parseLong(setting("LIANGDING_PATIENCE", "60")));
        try {
            System.exit(new Purchase(api, new Till(answers), bill, key, patience).run());
        } catch (NoSuchElementException unanswered) {
            System.err.println("没有人回答，这笔业务等着答案；用同一账单再来即从这里继续");
            System.exit(NOT_CHARGED);
        }
    }

    private static String setting(String name, String otherwise) {
        String value = System.getenv(name);
        return value == null || value.isEmpty() ? otherwise : value;
    }

    // -- 一笔购药 · one purchase ------------------------------------------------------------------------------------

    /** 从开始到有确定结果的一笔购药 · One purchase until its result is certain, or patience is at its end. */
    static final class Purchase {
        private static final Duration PAUSE = Duration.ofSeconds(2);

        private final Api api;
        private final Till till;
        private final byte[] bill;
        private final String key;
        private final long deadline;

        Purchase(Api api, Till till, byte[] bill, String key, Duration patience) {
            this.api = api;
            this.till = till;
            this.bill = bill;
            this.key = key;
            this.deadline = System.nanoTime() + patience.toNanos();
        }

        int run() throws InterruptedException {
            try {
                Object view = ask();
                while (true) {
                    switch (Json.text(view, "status")) {
                        case "question":
                            view = answer(view);
                            break;
                        case "done":
                            return till.done(view);
                        case "stopped":
                            return stopped(view);
                        case "abandoned":
                            return till.notCharged("这笔业务已放弃；要重新办，请用新的业务号", "");
                        default: // running、unknown
                            if (Json.at(view, "result", "settlement") != null) {
                                return till.unfinished(view);
                            }
                            pause(PAUSE, Json.text(view, "error", "message"));
                            view = ask();
                    }
                }
            } catch (ApiError refused) {
                return till.wrongRequest(refused);
            } catch (OutOfPatience unknown) {
                return till.outcomeUnknown(key, unknown.getMessage());
            }
        }

        /** 开始，或再问：两者是同一个请求。直到得到应答 · Start, or ask again: it is the same request. */
        private Object ask() throws ApiError, OutOfPatience, InterruptedException {
            while (true) {
                try {
                    return api.post("/v1/flows/pharmacy_purchase", bill, key);
                } catch (ApiError failed) {
                    if (!failed.mayAskAgain()) {
                        throw failed;
                    }
                    pause(failed.retryAfter == null ? PAUSE : failed.retryAfter, failed.getMessage());
                } catch (IOException broken) { // 连不上、超时、中断 · no connection, timeout, cut off
                    pause(PAUSE, "本地接口没有应答（" + broken + "）");
                }
            }
        }

        private Object answer(Object view) throws ApiError, OutOfPatience, InterruptedException {
            String question = Json.text(view, "question", "id");
            String value = till.answerTo(view);
            Map<String, String> body = new LinkedHashMap<>();
            body.put("question", question);
            body.put("value", value);
            try {
                return api.post("/v1/flows/" + Json.text(view, "id") + "/answer", Json.bytes(body), null);
            } catch (ApiError failed) {
                if (!failed.mayAskAgain() && !failed.code.equals("bad_answer")) {
                    throw failed;
                }
                pause(failed.retryAfter == null ? PAUSE : failed.retryAfter, failed.getMessage());
            } catch (IOException broken) { // 不知道答案到了没有：不重发答案，先再问 · never repeat the answer blindly
                pause(PAUSE, "回答之后没有应答（" + broken + "）");
            }
            return ask();
        }

        private int stopped(Object view) throws ApiError, InterruptedException {
            if (Json.at(view, "result", "settlement") != null) {
                return till.unfinished(view);
            }
            if (till.declined()) {
                try {
                    api.post("/v1/flows/" + Json.text(view, "id") + "/abandon", new byte[0], null);
                } catch (IOException ignored) {
                    // 没放弃成也没有收费 · nothing was charged anyway
                }
                return till.notCharged("参保人没有确认", "");
            }
            till.list(Json.list(view, "error", "problems"));
            return till.notCharged(Json.text(view, "error", "message"), Json.text(view, "error", "remedy"));
        }

        private void pause(Duration length, String because) throws OutOfPatience, InterruptedException {
            if (System.nanoTime() + length.toNanos() > deadline) {
                throw new OutOfPatience(because);
            }
            till.waiting(because);
            Thread.sleep(length.toMillis());
        }
    }

    /** 一直没有确定的结果 · No certain result in all that time. */
    static final class OutOfPatience extends Exception {
        private static final long serialVersionUID = 1;

        OutOfPatience(String because) {
            super(because);
        }
    }

    // -- 本地接口 · the local API ------------------------------------------------------------------------------------

    /** 本地 HTTP 接口：一次请求，一个应答 · One request, one answer. */
    static final class Api {
        private final HttpClient http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .proxy(HttpClient.Builder.NO_PROXY)
                .connectTimeout(Duration.ofSeconds(5))
                .build();
        private final String url;
        private final String apiKey;
        private final Duration timeout;

        Api(String url, String apiKey, Duration timeout) {
            this.url = url;
            this.apiKey = apiKey;
            this.timeout = timeout;
        }

        /** 应答的 JSON。ApiError：接口答了错误；IOException：没有应答 · ApiError is an answer, IOException is none. */
        Object post(String path, byte[] body, String key) throws ApiError, IOException, InterruptedException {
            HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url + path))
                    .timeout(timeout)
                    .header("Authorization", "Bearer " + apiKey)
                    .header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofByteArray(body));
            if (key != null) {
                request.header("Idempotency-Key", key);
            }
            HttpResponse<byte[]> response = http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
            Object answer;
            try {
                answer = Json.parse(new String(response.body(), StandardCharsets.UTF_8));
            } catch (IllegalArgumentException wrong) {
                throw new IOException("状态 " + response.statusCode() + "，应答不是 JSON：" + wrong.getMessage());
            }
            if (response.statusCode() / 100 == 2) {
                return answer;
            }
            throw new ApiError(response.statusCode(), answer, response.headers().firstValue("Retry-After").orElse(""));
        }
    }

    /** 接口答的错误 · What the API answered instead of a result. */
    static final class ApiError extends Exception {
        private static final long serialVersionUID = 1;

        final int status;
        final String code;
        final String remedy;
        final transient List<Object> problems;
        final transient Duration retryAfter;

        ApiError(int status, Object answer, String retryAfter) {
            super(Json.text(answer, "error", "message"));
            this.status = status;
            this.code = Json.text(answer, "error", "code");
            this.remedy = Json.text(answer, "error", "remedy");
            this.problems = Json.list(answer, "error", "problems");
            this.retryAfter = retryAfter.matches("\\d{1,4}") ? Duration.ofSeconds(Long.parseLong(retryAfter)) : null;
        }

        /**
         * 是否用同一业务号再问。其余的再问也是同样的错误。
         * Whether asking again with the same key makes sense; anything else would be the same error again.
         */
        boolean mayAskAgain() {
            if (status == 409) { // 正在办理；“同号异内容”不再问 · being worked on, but not "same key, other content"
                return code.equals("in_progress") || code.equals("flow_state");
            }
            // 500 内部错误、503 未发出或流水库不可用、504 已发出而结果不明
            return status >= 500;
        }
    }

    // -- 收银台 · the till -------------------------------------------------------------------------------------------

    /** 收银台：问人，并把结果说清楚。正式的收银软件换成自己的界面 · Replace it with the till's own screens. */
    static final class Till {
        private final PrintStream out = System.out;
        private final Map<String, String> answers;
        private final Scanner terminal = new Scanner(System.in, StandardCharsets.UTF_8);
        private boolean declined;

        Till(Map<String, String> answers) {
            this.answers = answers;
        }

        /** 参保人（或收款员）的答案；NoSuchElementException：没有人答 · The person's answer to the view's question. */
        String answerTo(Object view) {
            Object question = Json.at(view, "question");
            String id = Json.text(question, "id");
            out.println("问" + Json.text(question, "whom") + "：" + Json.text(question, "text"));
            for (Object fact : Json.list(question, "facts")) {
                out.println("    " + Json.text(fact, "label") + "  " + Json.text(fact, "value"));
            }
            List<String> allowed = new ArrayList<>();
            for (Object option : Json.list(question, "options")) {
                allowed.add(Json.text(option, "value"));
                out.println("  " + Json.text(option, "value") + "  " + Json.text(option, "label") + "  "
                        + Json.text(option, "detail"));
            }
            String value = answers.getOrDefault(id, "");
            while (!allowed.contains(value)) {
                out.print("答：");
                out.flush();
                value = terminal.nextLine().trim();
            }
            out.println("答：" + value);
            declined = id.equals("confirm") && value.equals("no");
            return value;
        }

        boolean declined() {
            return declined;
        }

        void waiting(String because) {
            out.println("… " + because + "；稍候，用同一业务号再问");
        }

        int done(Object view) {
            out.println(Json.text(view, "result", "slip"));
            settled(view);
            return DONE;
        }

        /** 钱已结算，后面的步骤（如销售上传）没完 · The money is settled; a later step is not done. */
        int unfinished(Object view) {
            settled(view);
            out.println("医保已结算，照此收款。「" + Json.text(view, "step_title") + "」还没办完："
                    + Json.text(view, "error", "message"));
            out.println("稍后用同一业务号再问，会从这一步继续，不会再收费");
            return CHARGED_BUT_UNFINISHED;
        }

        private void settled(Object view) {
            Object settlement = Json.at(view, "result", "settlement");
            out.println("结算编号 " + Json.text(settlement, "setl_id") + "，应收现金 "
                    + new BigDecimal(Json.text(settlement, "split", "cash")).setScale(2, RoundingMode.HALF_UP) + " 元");
            for (Object advice : Json.list(view, "advice")) {
                out.println("※ " + advice);
            }
        }

        int notCharged(String message, String remedy) {
            out.println("没有办成，没有收费：" + message);
            if (!remedy.isEmpty()) {
                out.println("办法：" + remedy);
            }
            return NOT_CHARGED;
        }

        int outcomeUnknown(String key, String because) {
            out.println("结果不明：" + because);
            out.println("不要重新收费，不要换业务号。记下业务号 " + key + "，稍后用它再问；也可看 liangding journal list");
            return OUTCOME_UNKNOWN;
        }

        int wrongRequest(ApiError refused) {
            out.println("接口拒绝了请求（" + refused.status + " " + refused.code + "）：" + refused.getMessage());
            list(refused.problems);
            if (!refused.remedy.isEmpty()) {
                out.println("办法：" + refused.remedy);
            }
            return WRONG_REQUEST;
        }

        void list(List<Object> problems) {
            for (Object problem : problems) {
                String where = Json.text(problem, "path") + " " + Json.text(problem, "label");
                out.println("  ✗ " + where.trim() + "：" + Json.text(problem, "message"));
            }
        }
    }

    // -- JSON --------------------------------------------------------------------------------------------------------

    /**
     * 够用的 JSON：对象为 Map，数组为 List，数为 BigDecimal（金额不经浮点），其余为 String、Boolean、null。
     * Just enough JSON. Numbers are BigDecimal: an amount never passes through floating point.
     */
    static final class Json {
        private static final int DEEPEST = 100;

        private final String text;
        private int at;

        private Json(String text) {
            this.text = text;
        }

        /** IllegalArgumentException：不是 JSON. */
        static Object parse(String text) {
            Json json = new Json(text);
            Object value = json.value(0);
            json.blanks();
            if (json.at != text.length()) {
                throw json.wrong("之后还有内容");
            }
            return value;
        }

        /** 顺着名字往里取；中间没有就是 null · The value under these names, or null. */
        static Object at(Object value, String... names) {
            for (String name : names) {
                value = value instanceof Map ? ((Map<?, ?>) value).get(name) : null;
            }
            return value;
        }

        /** 同上，取文本；没有就是空 · As text; empty where there is none. */
        static String text(Object value, String... names) {
            Object found = at(value, names);
            return found == null ? "" : found.toString();
        }

        /** 同上，取数组；没有就是空的 · As a list; empty where there is none. */
        static List<Object> list(Object value, String... names) {
            Object found = at(value, names);
            return found instanceof List ? new ArrayList<>((List<?>) found) : new ArrayList<>();
        }

        /** 一层文本的对象 · An object of plain texts. */
        static byte[] bytes(Map<String, String> object) {
            StringBuilder written = new StringBuilder("{");
            for (Map.Entry<String, String> member : object.entrySet()) {
                written.append(written.length() > 1 ? "," : "");
                quote(member.getKey(), written);
                written.append(':');
                quote(member.getValue(), written);
            }
            return written.append('}').toString().getBytes(StandardCharsets.UTF_8);
        }

        private static void quote(String value, StringBuilder written) {
            written.append('"');
            for (char c : value.toCharArray()) {
                if (c == '"' || c == '\\') {
                    written.append('\\').append(c);
                } else if (c < ' ') {
                    written.append(String.format("\\u%04x", (int) c));
                } else {
                    written.append(c);
                }
            }
            written.append('"');
        }

        private Object value(int depth) {
            if (depth > DEEPEST) {
                throw wrong("层次太深");
            }
            blanks();
            switch (peek()) {
                case '{':
                    return object(depth);
                case '[':
                    return array(depth);
                case '"':
                    return string();
                case 't':
                    return word("true", Boolean.TRUE);
                case 'f':
                    return word("false", Boolean.FALSE);
                case 'n':
                    return word("null", null);
                default:
                    return number();
            }
        }

        private Map<String, Object> object(int depth) {
            Map<String, Object> object = new LinkedHashMap<>();
            take('{');
            blanks();
            if (peek() == '}') {
                take('}');
                return object;
            }
            while (true) {
                blanks();
                String name = string();
                blanks();
                take(':');
                object.put(name, value(depth + 1));
                blanks();
                if (peek() == '}') {
                    take('}');
                    return object;
                }
                take(',');
            }
        }

        private List<Object> array(int depth) {
            List<Object> array = new ArrayList<>();
            take('[');
            blanks();
            if (peek() == ']') {
                take(']');
                return array;
            }
            while (true) {
                array.add(value(depth + 1));
                blanks();
                if (peek() == ']') {
                    take(']');
                    return array;
                }
                take(',');
            }
        }

        private String string() {
            StringBuilder read = new StringBuilder();
            take('"');
            while (true) {
                char c = peek();
                at++;
                if (c == '"') {
                    return read.toString();
                } else if (c == '\\') {
                    read.append(escaped());
                } else if (c < ' ') {
                    throw wrong("文本里有控制字符");
                } else {
                    read.append(c);
                }
            }
        }

        private char escaped() {
            char c = peek();
            at++;
            int plain = "\"\\/bfnrt".indexOf(c);
            if (plain >= 0) {
                return "\"\\/\b\f\n\r\t".charAt(plain);
            }
            if (c != 'u' || at + 4 > text.length() || !text.substring(at, at + 4).matches("[0-9a-fA-F]{4}")) {
                throw wrong("不认识的转义");
            }
            at += 4;
            return (char) Integer.parseInt(text.substring(at - 4, at), 16);
        }

        private BigDecimal number() {
            int from = at;
            while (at < text.length() && "+-.eE0123456789".indexOf(text.charAt(at)) >= 0) {
                at++;
            }
            String digits = text.substring(from, at);
            if (!digits.matches("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]{1,4})?")) {
                throw wrong("不是值");
            }
            return new BigDecimal(digits);
        }

        private Object word(String word, Object meaning) {
            if (!text.startsWith(word, at)) {
                throw wrong("不是值");
            }
            at += word.length();
            return meaning;
        }

        private void blanks() {
            while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
                at++;
            }
        }

        private char peek() {
            if (at >= text.length()) {
                throw wrong("不完整");
            }
            return text.charAt(at);
        }

        private void take(char expected) {
            if (peek() != expected) {
                throw wrong("应为 " + expected);
            }
            at++;
        }

        private IllegalArgumentException wrong(String why) {
            return new IllegalArgumentException("第 " + (at + 1) + " 个字符：" + why);
        }
    }
}

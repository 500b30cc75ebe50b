using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;

namespace Liangding.Examples
{
    /// <summary>
    /// 收银软件经本地 HTTP 接口办一笔医保购药：HttpClient 与 System.Text.Json，.NET 8。
    /// A pharmacy till's purchase through Liangding's local HTTP API.
    /// <code>
    ///   dotnet run -- ../bill.json                                在终端里回答提问
    ///   dotnet run -- ../bill.json use_account=1 confirm=yes      预先回答
    /// </code>
    /// 环境变量 LIANGDING_API_KEY 是密钥；LIANGDING_URL（缺省 http://127.0.0.1:8180）、LIANGDING_TIMEOUT（一次请求等多少秒，
    /// 缺省 90）、LIANGDING_PATIENCE（拿不到确定的结果时总共再问多少秒，缺省 60）可改。
    ///
    /// 全文只有一条规矩：拿不到确定的结果，就把同一份请求、用同一业务号再发一次，永不换号。业务号就是收银软件自己的单据号；
    /// 同号同内容只办一次，再问得到的是记录的结果，不会收第二次费。
    /// The one rule: without a certain result, send the same bytes with the same key again; never take a new key.
    /// </summary>
    public static class PharmacyClient
    {
        public static int Main(string[] arguments)
        {
            Console.OutputEncoding = new UTF8Encoding(false);
            if (arguments.Length == 0)
            {
                Console.Error.WriteLine("用法：dotnet run -- 账单.json [问题=答案 …]");
                return Exit.WrongRequest;
            }
            byte[] bill = File.ReadAllBytes(arguments[0]);
            string key = Json.Text(Json.Parse(bill), "receipt_no");
            if (key.Length == 0)
            {
                Console.Error.WriteLine("账单里没有 receipt_no：它就是业务号");
                return Exit.WrongRequest;
            }
            var answers = new Dictionary<string, string>();
            foreach (string argument in arguments.Skip(1))
            {
                string[] pair = argument.Split(new[] { '=' }, 2);
                answers[pair[0]] = pair.Length == 2 ? pair[1] : "";
            }
            TimeSpan patience = Seconds(Setting("LIANGDING_PATIENCE", "60"));
            using (var api = new Api(
                Setting("LIANGDING_URL", "http://127.0.0.1:8180"),
                Setting("LIANGDING_API_KEY", ""),
                Seconds(Setting("LIANGDING_TIMEOUT", "90"))))
            {
                try
                {
                    return new Purchase(api, new Till(answers), bill, key, patience).RunAsync().GetAwaiter().GetResult();
                }
                catch (EndOfStreamException)
                {
                    Console.Error.WriteLine("没有人回答，这笔业务等着答案；用同一账单再来即从这里继续");
                    return Exit.NotCharged;
                }
            }
        }

        private static string Setting(string name, string otherwise)
        {
            string value = Environment.GetEnvironmentVariable(name);
            return string.IsNullOrEmpty(value) ? otherwise : value;
        }

        private static TimeSpan Seconds(string number)
        {
            return TimeSpan.FromSeconds(double.Parse(number, CultureInfo.InvariantCulture));
        }
    }

    /// <summary>退出码：收银软件该做什么 · What the till does next.</summary>
    internal static class Exit
    {
        public const int Done = 0;
        public const int NotCharged = 1;
        public const int WrongRequest = 2;
        public const int OutcomeUnknown = 3;
        public const int ChargedButUnfinished = 4;
    }

    /// <summary>从开始到有确定结果的一笔购药 · One purchase until its result is certain, or patience is at its end.</summary>
    internal sealed class Purchase
    {
        private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

        private readonly Api api;
        private readonly Till till;
        private readonly byte[] bill;
        private readonly string key;
        private readonly DateTime deadline;

        public Purchase(Api api, Till till, byte[] bill, string key, TimeSpan patience)
        {
            this.api = api;
            this.till = till;
            this.bill = bill;
            this.key = key;
            deadline = DateTime.UtcNow + patience;
        }

        public async Task<int> RunAsync()
        {
            try
            {
                JsonElement view = await AskAsync();
                while (true)
                {
                    switch (Json.Text(view, "status"))
                    {
                        case "question":
                            view = await AnswerAsync(view);
                            break;
                        case "done":
                            return till.Done(view);
                        case "stopped":
                            return await StoppedAsync(view);
                        case "abandoned":
                            return till.NotCharged("这笔业务已放弃；要重新办，请用新的业务号", "");
                        default: // running、unknown
                            if (Json.Has(view, "result", "settlement"))
                            {
                                return till.Unfinished(view);
                            }
                            await WaitAsync(Pause, Json.Text(view, "error", "message"));
                            view = await AskAsync();
                            break;
                    }
                }
            }
            catch (ApiException refused)
            {
                return till.WrongRequest(refused);
            }
            catch (OutOfPatienceException unknown)
            {
                return till.OutcomeUnknown(key, unknown.Message);
            }
        }

        /// <summary>开始，或再问：两者是同一个请求。直到得到应答 · Start, or ask again: it is the same request.</summary>
        private async Task<JsonElement> AskAsync()
        {
            while (true)
            {
                TimeSpan pause;
                string because;
                try
                {
                    return await api.PostAsync("/v1/flows/pharmacy_purchase", bill, key);
                }
                catch (ApiException failed) when (failed.MayAskAgain)
                {
                    pause = failed.RetryAfter ?? Pause;
                    because = failed.Message;
                }
                catch (NoAnswerException broken)
                {
                    pause = Pause;
                    because = broken.Message;
                }
                await WaitAsync(pause, because);
            }
        }

        private async Task<JsonElement> AnswerAsync(JsonElement view)
        {
            string question = Json.Text(view, "question", "id");
            string value = till.AnswerTo(view);
            byte[] body = JsonSerializer.SerializeToUtf8Bytes(
                new Dictionary<string, string> { { "question", question }, { "value", value } });
            TimeSpan pause;
            string because;
            try
            {
                return await api.PostAsync("/v1/flows/" + Json.Text(view, "id") + "/answer", body, null);
            }
            catch (ApiException failed) when (failed.MayAskAgain || failed.Code == "bad_answer") // bad_answer：问题已变
            {
                pause = failed.RetryAfter ?? Pause;
                because = failed.Message;
            }
            catch (NoAnswerException broken) // 不知道答案到了没有：不重发答案，先再问 · never repeat the answer blindly
            {
                pause = Pause;
                because = broken.Message;
            }
            await WaitAsync(pause, because);
            return await AskAsync();
        }

        private async Task<int> StoppedAsync(JsonElement view)
        {
            if (Json.Has(view, "result", "settlement"))
            {
                return till.Unfinished(view);
            }
            if (till.Declined)
            {
                try
                {
                    await api.PostAsync("/v1/flows/" + Json.Text(view, "id") + "/abandon", new byte[0], null);
                }
                catch (NoAnswerException)
                {
                    // 没放弃成也没有收费 · nothing was charged anyway
                }
                return till.NotCharged("参保人没有确认", "");
            }
            till.ListProblems(Json.Items(view, "error", "problems"));
            return till.NotCharged(Json.Text(view, "error", "message"), Json.Text(view, "error", "remedy"));
        }

        private async Task WaitAsync(TimeSpan length, string because)
        {
            if (DateTime.UtcNow + length > deadline)
            {
                throw new OutOfPatienceException(because);
            }
            till.Waiting(because);
            await Task.Delay(length);
        }
    }

    /// <summary>一直没有确定的结果 · No certain result in all that time.</summary>
    internal sealed class OutOfPatienceException : Exception
    {
        public OutOfPatienceException(string because) : base(because)
        {
        }
    }

    // -- 本地接口 · the local API ------------------------------------------------------------------------------------

    /// <summary>本地 HTTP 接口：一次请求，一个应答 · One request, one answer.</summary>
    internal sealed class Api : IDisposable
    {
        private readonly HttpClient http;
        private readonly string url;

        public Api(string url, string apiKey, TimeSpan timeout)
        {
            this.url = url;
            http = new HttpClient(new HttpClientHandler { UseProxy = false }) { Timeout = timeout };
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", apiKey);
        }

        public void Dispose()
        {
            http.Dispose();
        }

        /// <summary>
        /// 应答的 JSON。ApiException：接口答了错误；NoAnswerException：没有应答。
        /// The answer. ApiException is an answer that says no; NoAnswerException is none at all.
        /// </summary>
        public async Task<JsonElement> PostAsync(string path, byte[] body, string key)
        {
            using (var request = new HttpRequestMessage(HttpMethod.Post, url + path))
            {
                request.Content = new ByteArrayContent(body);
                request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
                if (key != null)
                {
                    request.Headers.Add("Idempotency-Key", key);
                }
                try
                {
                    using (HttpResponseMessage response = await http.SendAsync(request))
                    {
                        JsonElement answer = Json.Parse(await response.Content.ReadAsByteArrayAsync());
                        if (response.IsSuccessStatusCode)
                        {
                            return answer;
                        }
                        throw new ApiException((int)response.StatusCode, answer, response.Headers.RetryAfter?.Delta);
                    }
                }
                catch (HttpRequestException broken) // 连不上、中断 · no connection, cut off
                {
                    throw new NoAnswerException("本地接口没有应答（" + broken.Message + "）");
                }
                catch (TaskCanceledException) // 超时 · timed out
                {
                    throw new NoAnswerException("等本地接口的应答超时");
                }
                catch (JsonException)
                {
                    throw new NoAnswerException("应答不是 JSON");
                }
            }
        }
    }

    /// <summary>没有应答：办没办不知道 · No answer: whether it was done is not known.</summary>
    internal sealed class NoAnswerException : Exception
    {
        public NoAnswerException(string message) : base(message)
        {
        }
    }

    /// <summary>接口答的错误 · What the API answered instead of a result.</summary>
    internal sealed class ApiException : Exception
    {
        public ApiException(int status, JsonElement answer, TimeSpan? retryAfter)
            : base(Json.Text(answer, "error", "message"))
        {
            Status = status;
            Code = Json.Text(answer, "error", "code");
            Remedy = Json.Text(answer, "error", "remedy");
            Problems = Json.Items(answer, "error", "problems");
            RetryAfter = retryAfter;
        }

        public int Status { get; }

        public string Code { get; }

        public string Remedy { get; }

        public IReadOnlyList<JsonElement> Problems { get; }

        public TimeSpan? RetryAfter { get; }

        /// <summary>
        /// 是否用同一业务号再问。其余的再问也是同样的错误。
        /// Whether asking again with the same key makes sense; anything else would be the same error again.
        /// </summary>
        public bool MayAskAgain
        {
            get
            {
                if (Status == 409) // 正在办理；“同号异内容”不再问 · being worked on, but not "same key, other content"
                {
                    return Code == "in_progress" || Code == "flow_state";
                }
                return Status >= 500; // 500 内部错误、503 未发出或流水库不可用、504 已发出而结果不明
            }
        }
    }

    // -- 收银台 · the till -------------------------------------------------------------------------------------------

    /// <summary>收银台：问人，并把结果说清楚。正式的收银软件换成自己的界面 · Replace it with the till's own screens.</summary>
    internal sealed class Till
    {
        private readonly IReadOnlyDictionary<string, string> answers;

        public Till(IReadOnlyDictionary<string, string> answers)
        {
            this.answers = answers;
        }

        /// <summary>参保人刚才没有确认金额 · The person has just said no.</summary>
        public bool Declined { get; private set; }

        /// <summary>参保人（或收款员）的答案；EndOfStreamException：没有人答 · The answer to the view's question.</summary>
        public string AnswerTo(JsonElement view)
        {
            string id = Json.Text(view, "question", "id");
            Console.WriteLine("问" + Json.Text(view, "question", "whom") + "：" + Json.Text(view, "question", "text"));
            foreach (JsonElement fact in Json.Items(view, "question", "facts"))
            {
                Console.WriteLine("    " + Json.Text(fact, "label") + "  " + Json.Text(fact, "value"));
            }
            var allowed = new List<string>();
            foreach (JsonElement option in Json.Items(view, "question", "options"))
            {
                allowed.Add(Json.Text(option, "value"));
                Console.WriteLine(
                    "  " + Json.Text(option, "value") + "  " + Json.Text(option, "label") + "  " + Json.Text(option, "detail"));
            }
            string value;
            answers.TryGetValue(id, out value);
            while (!allowed.Contains(value))
            {
                Console.Write("答：");
                string typed = Console.ReadLine();
                if (typed == null)
                {
                    throw new EndOfStreamException();
                }
                value = typed.Trim();
            }
            Console.WriteLine("答：" + value);
            Declined = id == "confirm" && value == "no";
            return value;
        }

        public void Waiting(string because)
        {
            Console.WriteLine("… " + because + "；稍候，用同一业务号再问");
        }

        public int Done(JsonElement view)
        {
            Console.WriteLine(Json.Text(view, "result", "slip"));
            Settled(view);
            return Exit.Done;
        }

        /// <summary>钱已结算，后面的步骤（如销售上传）没完 · The money is settled; a later step is not done.</summary>
        public int Unfinished(JsonElement view)
        {
            Settled(view);
            Console.WriteLine(
                "医保已结算，照此收款。「" + Json.Text(view, "step_title") + "」还没办完：" + Json.Text(view, "error", "message"));
            Console.WriteLine("稍后用同一业务号再问，会从这一步继续，不会再收费");
            return Exit.ChargedButUnfinished;
        }

        private static void Settled(JsonElement view)
        {
            // 金额是文本写的小数：用 decimal，不用 double · amounts are decimals written as text
            decimal cash = decimal.Parse(
                Json.Text(view, "result", "settlement", "split", "cash"), CultureInfo.InvariantCulture);
            Console.WriteLine(
                "结算编号 " + Json.Text(view, "result", "settlement", "setl_id") + "，应收现金 "
                + cash.ToString("0.00", CultureInfo.InvariantCulture) + " 元");
            foreach (JsonElement advice in Json.Items(view, "advice"))
            {
                Console.WriteLine("※ " + Json.Text(advice));
            }
        }

        public int NotCharged(string message, string remedy)
        {
            Console.WriteLine("没有办成，没有收费：" + message);
            if (remedy.Length > 0)
            {
                Console.WriteLine("办法：" + remedy);
            }
            return Exit.NotCharged;
        }

        public int OutcomeUnknown(string key, string because)
        {
            Console.WriteLine("结果不明：" + because);
            Console.WriteLine("不要重新收费，不要换业务号。记下业务号 " + key + "，稍后用它再问；也可看 liangding journal list");
            return Exit.OutcomeUnknown;
        }

        public int WrongRequest(ApiException refused)
        {
            Console.WriteLine("接口拒绝了请求（" + refused.Status + " " + refused.Code + "）：" + refused.Message);
            ListProblems(refused.Problems);
            if (refused.Remedy.Length > 0)
            {
                Console.WriteLine("办法：" + refused.Remedy);
            }
            return Exit.WrongRequest;
        }

        public void ListProblems(IReadOnlyList<JsonElement> problems)
        {
            foreach (JsonElement problem in problems)
            {
                string where = Json.Text(problem, "path") + " " + Json.Text(problem, "label");
                Console.WriteLine("  ✗ " + where.Trim() + "：" + Json.Text(problem, "message"));
            }
        }
    }

    // -- JSON --------------------------------------------------------------------------------------------------------

    /// <summary>顺着名字从 JSON 里取值 · Values of a JSON document by their names.</summary>
    internal static class Json
    {
        public static JsonElement Parse(byte[] text)
        {
            using (JsonDocument document = JsonDocument.Parse(text))
            {
                return document.RootElement.Clone();
            }
        }

        /// <summary>有这个值，且不是 null · Whether there is one that is not null.</summary>
        public static bool Has(JsonElement value, params string[] names)
        {
            return Find(value, names).HasValue;
        }

        /// <summary>取文本；没有就是空 · As text; empty where there is none.</summary>
        public static string Text(JsonElement value, params string[] names)
        {
            JsonElement? found = Find(value, names);
            return found.HasValue ? found.Value.ToString() : "";
        }

        /// <summary>取数组；没有就是空的 · As a list; empty where there is none.</summary>
        public static IReadOnlyList<JsonElement> Items(JsonElement value, params string[] names)
        {
            JsonElement? found = Find(value, names);
            bool isList = found.HasValue && found.Value.ValueKind == JsonValueKind.Array;
            return isList ? found.Value.EnumerateArray().ToList() : new List<JsonElement>();
        }

        private static JsonElement? Find(JsonElement value, string[] names)
        {
            foreach (string name in names)
            {
                JsonElement inner;
                if (value.ValueKind != JsonValueKind.Object || !value.TryGetProperty(name, out inner))
                {
                    return null;
                }
                value = inner;
            }
            return value.ValueKind == JsonValueKind.Null ? (JsonElement?)null : value;
        }
    }
}

/// 收银软件经本地 HTTP 接口办一笔医保购药：System.Net.HttpClient 与 System.JSON，Delphi 10.2 起。
/// A pharmacy till's purchase through Liangding's local HTTP API.
///
/// 说明：本文件没有用 Delphi 编译过。只用 Free Pascal 的 Delphi 方言，以替代件代替 System.JSON 与 System.Net.*，编译并走过。
/// 用前请先用 Delphi 编译，对着模拟平台走一遍。
/// Note: not compiled with Delphi. Free Pascal compiled and ran it in its Delphi dialect, with stand-ins for System.JSON
/// and System.Net.*. Compile it with Delphi and try it on the simulator first.
/// 文件为带 BOM 的 UTF-8，保存时请不要改。Keep the file as UTF-8 with BOM.
///
/// 控制台程序只要这几行 · The console program is this:
///
///   program Till;
///   {$APPTYPE CONSOLE}
///   uses PharmacyClient in 'PharmacyClient.pas';
///   begin
///     ExitCode := Purchase(ParamStr(1));   // 账单文件，如 ..\bill.json
///   end.
///
/// 环境变量 LIANGDING_API_KEY 是密钥；LIANGDING_URL 缺省 http://127.0.0.1:8180。
///
/// 全文只有一条规矩：拿不到确定的结果，就把同一份请求、用同一业务号再发一次，永不换号。
/// The one rule: without a certain result, send the same bytes with the same key again; never take a new key.
unit PharmacyClient;

interface

const
  EXIT_DONE = 0;
  EXIT_NOT_CHARGED = 1;
  EXIT_WRONG_REQUEST = 2;
  EXIT_OUTCOME_UNKNOWN = 3;
  EXIT_CHARGED_BUT_UNFINISHED = 4;

/// 办一笔购药，返回收银软件该做什么（上面的 EXIT_ 常量）· One purchase; the result says what the till does next.
function Purchase(const BillFile: string): Integer;

implementation

uses
  System.SysUtils, System.Classes, System.IOUtils, System.JSON, System.Net.URLClient, System.Net.HttpClient;

const
  PAUSE_SECONDS = 2;
  PATIENCE_SECONDS = 60;      // 拿不到确定的结果时总共再问多久 · how long to ask again, all in all
  CONNECT_TIMEOUT = 5 * 1000; // 毫秒 · milliseconds
  ANSWER_TIMEOUT = 90 * 1000;

type
  /// 接口答了错误，再问也是同样的错误 · The API said no; asking again would give the same.
  ERefused = class(Exception);
  /// 没有确定的结果：用同一业务号再问 · Nothing certain: ask again with the same key.
  EAskAgain = class(Exception);
  /// 一直没有确定的结果 · No certain result in all that time.
  EOutOfPatience = class(Exception);

  TPurchase = class
  private
    FHttp: THTTPClient;
    FUrl, FApiKey, FKey: string;
    FBill: TBytes;
    FWaited, FRetryAfter: Integer;
    FDeclined: Boolean;
    function Post(const Path: string; const Body: TBytes; const Key: string): TJSONValue;
    procedure Judge(Status: Integer; Answer: TJSONValue);
    procedure Wait(const Because: string);
    function Ask: TJSONValue;
    function Answer(View: TJSONValue): TJSONValue;
    function Finish(View: TJSONValue): Integer;
  public
    constructor Create(const BillFile: string);
    destructor Destroy; override;
    function Run: Integer;
  end;

// -- JSON ------------------------------------------------------------------------------------------------------------

/// 顺着名字取值；没有或为 null 就是 nil · The value under these names, or nil.
function Find(Value: TJSONValue; const Names: array of string): TJSONValue;
var
  I: Integer;
begin
  Result := Value;
  for I := Low(Names) to High(Names) do
    if Result is TJSONObject then
      Result := TJSONObject(Result).GetValue(Names[I])
    else
      Exit(nil);
  if Result is TJSONNull then
    Result := nil;
end;

/// 同上，取文本；没有就是空 · As text; empty where there is none.
function TextOf(Value: TJSONValue; const Names: array of string): string;
var
  Found: TJSONValue;
begin
  Found := Find(Value, Names);
  if Found = nil then
    Result := ''
  else
    Result := Found.Value;
end;

/// 同上，取数组；没有就是 nil · As a list, or nil.
function ItemsOf(Value: TJSONValue; const Names: array of string): TJSONArray;
var
  Found: TJSONValue;
begin
  Found := Find(Value, Names);
  if Found is TJSONArray then
    Result := TJSONArray(Found)
  else
    Result := nil;
end;

function Count(List: TJSONArray): Integer;
begin
  if List = nil then
    Result := 0
  else
    Result := List.Count;
end;

function Setting(const Name, Fallback: string): string;
begin
  Result := GetEnvironmentVariable(Name);
  if Result = '' then
    Result := Fallback;
end;

procedure ListProblems(Failed: TJSONValue);
var
  Problems: TJSONArray;
  I: Integer;
begin
  Problems := ItemsOf(Failed, ['error', 'problems']);
  for I := 0 to Count(Problems) - 1 do
    Writeln('  - ', TextOf(Problems.Items[I], ['path']), ' ', TextOf(Problems.Items[I], ['label']), '：',
      TextOf(Problems.Items[I], ['message']));
end;

// -- 一次请求 · one request ------------------------------------------------------------------------------------------

constructor TPurchase.Create(const BillFile: string);
var
  Bill: TJSONValue;
begin
  inherited Create;
  FBill := TFile.ReadAllBytes(BillFile); // 原样发送，再问也是这些字节 · sent as it is, the same bytes every time
  Bill := TJSONObject.ParseJSONValue(TEncoding.UTF8.GetString(FBill));
  try
    FKey := TextOf(Bill, ['receipt_no']); // 业务号就是自己的单据号 · the till's own number is the key
  finally
    Bill.Free;
  end;
  if FKey = '' then
    raise ERefused.Create('账单不是 JSON，或没有 receipt_no：它就是业务号');
  FUrl := Setting('LIANGDING_URL', 'http://127.0.0.1:8180');
  FApiKey := Setting('LIANGDING_API_KEY', '');
  FHttp := THTTPClient.Create;
  FHttp.ConnectionTimeout := CONNECT_TIMEOUT;
  FHttp.ResponseTimeout := ANSWER_TIMEOUT;
  FHttp.ContentType := 'application/json';
end;

destructor TPurchase.Destroy;
begin
  FHttp.Free;
  inherited Destroy;
end;

/// 应答的 JSON，由调用者释放。EAskAgain：该再问；ERefused：再问也没用 · The answer; the caller frees it.
function TPurchase.Post(const Path: string; const Body: TBytes; const Key: string): TJSONValue;
var
  Source: TBytesStream;
  Headers: TNetHeaders;
  Response: IHTTPResponse;
begin
  SetLength(Headers, 1);
  Headers[0] := TNetHeader.Create('Authorization', 'Bearer ' + FApiKey);
  if Key <> '' then
  begin
    SetLength(Headers, 2);
    Headers[1] := TNetHeader.Create('Idempotency-Key', Key);
  end;
  FRetryAfter := PAUSE_SECONDS;
  Source := TBytesStream.Create(Body);
  try
    try
      Response := FHttp.Post(FUrl + Path, Source, nil, Headers);
      Result := TJSONObject.ParseJSONValue(Response.ContentAsString(TEncoding.UTF8));
    except
      on Broken: Exception do // 连不上、超时、中断 · no connection, timeout, cut off
        raise EAskAgain.Create('本地接口没有应答（' + Broken.Message + '）');
    end;
  finally
    Source.Free;
  end;
  if Result = nil then
    raise EAskAgain.Create('应答不是 JSON');
  try
    FRetryAfter := StrToIntDef(Response.HeaderValue['Retry-After'], PAUSE_SECONDS);
    Judge(Response.StatusCode, Result);
  except
    Result.Free;
    raise;
  end;
end;

/// 状态码要做什么；2xx 无事 · What a status asks for; nothing for 2xx.
procedure TPurchase.Judge(Status: Integer; Answer: TJSONValue);
var
  Code, Message: string;
begin
  if Status div 100 = 2 then
    Exit;
  Code := TextOf(Answer, ['error', 'code']);
  Message := TextOf(Answer, ['error', 'message']);
  // 500 内部错误、503 未发出、504 结果不明；正在办理；问题已变 · failed, being worked on, another question by now
  if (Status >= 500) or (Code = 'in_progress') or (Code = 'flow_state') or (Code = 'bad_answer') then
    raise EAskAgain.Create(Message);
  ListProblems(Answer); // 400、401、404、413、422，409 的同号异内容
  raise ERefused.CreateFmt('接口拒绝了请求（%d %s）：%s', [Status, Code, Message]);
end;

procedure TPurchase.Wait(const Because: string);
begin
  Inc(FWaited, FRetryAfter);
  if FWaited > PATIENCE_SECONDS then
    raise EOutOfPatience.Create(Because);
  Writeln('… ', Because, '；稍候，用同一业务号再问');
  Sleep(FRetryAfter * 1000);
end;

/// 开始，或再问：两者是同一个请求 · Start, or ask again: it is the same request.
function TPurchase.Ask: TJSONValue;
begin
  Result := nil;
  while Result = nil do
    try
      Result := Post('/v1/flows/pharmacy_purchase', FBill, FKey);
    except
      on Again: EAskAgain do
        Wait(Again.Message);
    end;
end;

/// 问人，回答，返回新的情形 · Ask the person, answer, and return where the flow stands then.
function TPurchase.Answer(View: TJSONValue): TJSONValue;
var
  Question, Body: TJSONObject;
  Facts, Options: TJSONArray;
  Allowed, Value: string;
  I: Integer;
begin
  Question := Find(View, ['question']) as TJSONObject;
  Writeln('问', TextOf(Question, ['whom']), '：', TextOf(Question, ['text']));
  Facts := ItemsOf(Question, ['facts']);
  for I := 0 to Count(Facts) - 1 do
    Writeln('    ', TextOf(Facts.Items[I], ['label']), '  ', TextOf(Facts.Items[I], ['value']));
  Options := ItemsOf(Question, ['options']);
  Allowed := ' ';
  for I := 0 to Count(Options) - 1 do
  begin
    Allowed := Allowed + TextOf(Options.Items[I], ['value']) + ' ';
    Writeln('  ', TextOf(Options.Items[I], ['value']), '  ', TextOf(Options.Items[I], ['label']), '  ',
      TextOf(Options.Items[I], ['detail']));
  end;
  repeat
    Write('答：');
    if Eof then
      raise ERefused.Create('没有人回答，这笔业务等着答案；用同一账单再来即从这里继续');
    Readln(Value);
    Value := Trim(Value);
  until (Value <> '') and (Pos(' ' + Value + ' ', Allowed) > 0);
  FDeclined := (TextOf(Question, ['id']) = 'confirm') and (Value = 'no');

  Body := TJSONObject.Create;
  try
    Body.AddPair('question', TextOf(Question, ['id']));
    Body.AddPair('value', Value);
    try
      Result := Post('/v1/flows/' + TextOf(View, ['id']) + '/answer', TEncoding.UTF8.GetBytes(Body.ToString), '');
      Exit;
    except
      on Again: EAskAgain do // 不知道答案到了没有：不重发答案，先再问 · never repeat the answer blindly
        Wait(Again.Message);
    end;
  finally
    Body.Free;
  end;
  Result := Ask;
end;

// -- 结果 · results --------------------------------------------------------------------------------------------------

/// 有了确定的结果，或已结算：说清楚，返回退出码；还没有就返回 -1 · The exit code, or -1 where nothing is certain yet.
function TPurchase.Finish(View: TJSONValue): Integer;
var
  Status: string;
  Settlement: TJSONValue;
  Advice: TJSONArray;
  I: Integer;
begin
  Status := TextOf(View, ['status']);
  Settlement := Find(View, ['result', 'settlement']);
  Result := -1;
  if Settlement <> nil then // 钱已结算 · the money is settled
  begin
    Writeln(TextOf(View, ['result', 'slip']));
    Writeln('结算编号 ', TextOf(Settlement, ['setl_id']), '，应收现金 ', TextOf(Settlement, ['split', 'cash']), ' 元');
    Advice := ItemsOf(View, ['advice']);
    for I := 0 to Count(Advice) - 1 do
      Writeln('※ ', TextOf(Advice.Items[I], []));
    if Status = 'done' then
      Exit(EXIT_DONE);
    Writeln('医保已结算，照此收款。「', TextOf(View, ['step_title']), '」还没办完：', TextOf(View, ['error', 'message']));
    Writeln('稍后用同一业务号再问，会从这一步继续，不会再收费');
    Exit(EXIT_CHARGED_BUT_UNFINISHED);
  end;
  if Status = 'abandoned' then
  begin
    Writeln('没有办成，没有收费：这笔业务已放弃；要重新办，请用新的业务号');
    Exit(EXIT_NOT_CHARGED);
  end;
  if Status <> 'stopped' then // running、unknown
    Exit;
  if FDeclined then
  begin
    try
      Post('/v1/flows/' + TextOf(View, ['id']) + '/abandon', nil, '').Free;
    except
      on EAskAgain do; // 没放弃成也没有收费 · nothing was charged anyway
    end;
    Writeln('没有办成，没有收费：参保人没有确认');
    Exit(EXIT_NOT_CHARGED);
  end;
  Writeln('没有办成，没有收费：', TextOf(View, ['error', 'message']));
  ListProblems(View);
  Writeln('办法：', TextOf(View, ['error', 'remedy']));
  Result := EXIT_NOT_CHARGED;
end;

function TPurchase.Run: Integer;
var
  View, Next: TJSONValue;
begin
  View := Ask;
  try
    while True do
    begin
      if TextOf(View, ['status']) = 'question' then
        Next := Answer(View)
      else
      begin
        Result := Finish(View);
        if Result >= 0 then
          Exit;
        Wait(TextOf(View, ['error', 'message']));
        Next := Ask;
      end;
      View.Free;
      View := Next;
    end;
  finally
    View.Free;
  end;
end;

function Purchase(const BillFile: string): Integer;
var
  One: TPurchase;
begin
  One := nil;
  try
    try
      One := TPurchase.Create(BillFile);
      Result := One.Run;
    except
      on Refused: ERefused do
      begin
        Writeln(Refused.Message);
        Result := EXIT_WRONG_REQUEST;
      end;
      on Unknown: EOutOfPatience do
      begin
        Writeln('结果不明：', Unknown.Message);
        Writeln('不要重新收费，不要换业务号。记下业务号 ', One.FKey, '，稍后用它再问；也可看 liangding journal list');
        Result := EXIT_OUTCOME_UNKNOWN;
      end;
    end;
  finally
    One.Free;
  end;
end;

end.

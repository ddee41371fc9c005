// In the place of Amazon.Lambda.RuntimeSupport.dll: the Runtime API for an executable assembly that calls Run, and for
// the static method of a class library that the command line names as assembly::type::method.
using System;
using System.Net.Http;
using System.Reflection;
using System.Text;
using System.Threading;

public sealed class Invocation {
  public string Event, Arn;
  public long DeadlineMs;
}

public static class Client {
  public static int Main(string[] args) {
    var parts = args[0].Split(new[] { "::" }, StringSplitOptions.None);
    var method = Assembly.Load(new AssemblyName(parts[0])).GetType(parts[1]).GetMethod(parts[2]);
    Run((Func<Invocation, string>)method.CreateDelegate(typeof(Func<Invocation, string>)));
    return 0;
  }

  public static void Run(Func<Invocation, string> handler) {
    var api = "http://" + Environment.GetEnvironmentVariable("AWS_LAMBDA_RUNTIME_API") + "/2018-06-01/runtime/invocation/";
    var client = new HttpClient { Timeout = Timeout.InfiniteTimeSpan };
    for (;;) {
      var next = client.GetAsync(api + "next").Result;
      var invocation = new Invocation {
        Event = next.Content.ReadAsStringAsync().Result,
        Arn = Header(next, "Lambda-Runtime-Invoked-Function-Arn"),
        DeadlineMs = long.Parse(Header(next, "Lambda-Runtime-Deadline-Ms"))
      };
      var at = api + Header(next, "Lambda-Runtime-Aws-Request-Id");
      try {
        client.PostAsync(at + "/response", Json(handler(invocation))).Wait();
      } catch (InvalidOperationException error) {
        var text = "{\"errorType\":\"" + error.GetType().Name + "\",\"errorMessage\":\"" + error.Message + "\"}";
        client.PostAsync(at + "/error", Json(text)).Wait();
      }
    }
  }

  static StringContent Json(string text) {
    return new StringContent(text, Encoding.UTF8, "application/json");
  }

  static string Header(HttpResponseMessage response, string name) {
    foreach (var value in response.Headers.GetValues(name)) return value;
    return null;
  }
}

using System;
using System.Threading;

public static class Function {
  public static int Main(string[] args) {
    Client.Run(Handle);
    return 0;
  }

  public static string Handle(Invocation invocation) {
    if (invocation.Event.Contains("fail")) throw new InvalidOperationException("no");
    if (invocation.Event.Contains("panic")) Environment.Exit(3);
    if (invocation.Event.Contains("sleep")) Thread.Sleep(3600000);
    Console.WriteLine("printed by .NET");
    var left = invocation.DeadlineMs > DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() ? "true" : "false";
    return "{\"event\":" + invocation.Event + ",\"arn\":\"" + invocation.Arn + "\",\"left\":" + left + "}";
  }
}

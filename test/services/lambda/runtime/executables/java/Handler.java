package nagare;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import java.util.Map;

/** A function with AWS's own client for the Runtime API in its zip. */
public class Handler implements RequestHandler<Map<String, Object>, Map<String, Object>> {
  @Override
  public Map<String, Object> handleRequest(Map<String, Object> event, Context context) {
    String form = String.valueOf(event.get("form"));
    if (form.equals("fail")) throw new IllegalStateException("no");
    if (form.equals("panic")) Runtime.getRuntime().halt(3);
    if (form.equals("sleep")) sleep();
    context.getLogger().log("printed by Java\n");
    boolean left = context.getRemainingTimeInMillis() > 1000;
    return Map.of("event", event, "arn", context.getInvokedFunctionArn(), "left", left);
  }

  private static void sleep() {
    try {
      Thread.sleep(3_600_000);
    } catch (InterruptedException error) {
      throw new IllegalStateException(error);
    }
  }
}

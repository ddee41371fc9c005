package nagare;

import java.net.URI;
import java.time.Duration;
import java.util.concurrent.Callable;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.Protocol;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.cloudwatch.CloudWatchAsyncClient;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.model.StreamStatus;

/** The clients as their users make them; only the endpoint differs from AWS. */
final class Clients {
  static final Region REGION = Region.US_EAST_1;
  static final StaticCredentialsProvider CREDENTIALS =
      StaticCredentialsProvider.create(AwsBasicCredentials.create("test", "test"));

  private Clients() {}

  /** Runs a program to its end: prints what it gives, or fails; threads that clients left behind do not hold it up. */
  static void run(Callable<String> program) {
    try {
      System.out.println(program.call());
      System.exit(0);
    } catch (Throwable failure) {
      failure.printStackTrace();
      System.exit(1);
    }
  }

  /** HTTP/2, with prior knowledge on a plain endpoint: what the SDK uses for Kinesis. */
  static KinesisAsyncClient kinesis(String endpoint) {
    return KinesisAsyncClient.builder()
        .endpointOverride(URI.create(endpoint))
        .region(REGION)
        .credentialsProvider(CREDENTIALS)
        .httpClientBuilder(NettyNioAsyncHttpClient.builder().protocol(Protocol.HTTP2).maxConcurrency(200))
        .build();
  }

  static CloudWatchAsyncClient cloudWatch(String endpoint) {
    return CloudWatchAsyncClient.builder()
        .endpointOverride(URI.create(endpoint))
        .region(REGION)
        .credentialsProvider(CREDENTIALS)
        .build();
  }

  static void awaitActive(KinesisAsyncClient kinesis, String stream) throws Exception {
    until(
        "stream " + stream + " is active",
        Duration.ofSeconds(30),
        () ->
            kinesis.describeStreamSummary(r -> r.streamName(stream)).get().streamDescriptionSummary().streamStatus()
                == StreamStatus.ACTIVE);
  }

  static void until(String what, Duration atMost, Callable<Boolean> holds) throws Exception {
    long deadline = System.nanoTime() + atMost.toNanos();
    while (!holds.call()) {
      if (System.nanoTime() > deadline) throw new AssertionError("not within " + atMost + ": " + what);
      Thread.sleep(50);
    }
  }

  static void check(boolean holds, String what) {
    if (!holds) throw new AssertionError(what);
  }
}

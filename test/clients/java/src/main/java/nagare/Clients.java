package nagare;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.Protocol;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.cloudwatch.CloudWatchAsyncClient;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;
import software.amazon.awssdk.services.kinesis.model.StreamStatus;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.kinesis.producer.KinesisProducerConfiguration;

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

  static SqsClient sqs(String endpoint) {
    return SqsClient.builder()
        .endpointOverride(URI.create(endpoint))
        .region(REGION)
        .credentialsProvider(CREDENTIALS)
        .build();
  }

  /** The KPL speaks TLS only, and does not accept a certificate of one's own. */
  static KinesisProducerConfiguration producer(URI https) {
    return new KinesisProducerConfiguration()
        .setRegion(REGION.id())
        .setCredentialsProvider(CREDENTIALS)
        .setKinesisEndpoint(https.getHost())
        .setKinesisPort(https.getPort())
        .setCloudwatchEndpoint(https.getHost())
        .setCloudwatchPort(https.getPort())
        .setStsEndpoint(https.getHost())
        .setStsPort(https.getPort())
        .setVerifyCertificate(false)
        .setMetricsLevel("none");
  }

  static void awaitActive(KinesisAsyncClient kinesis, String stream) throws Exception {
    until(
        "stream " + stream + " is active",
        Duration.ofSeconds(30),
        () ->
            kinesis.describeStreamSummary(r -> r.streamName(stream)).get().streamDescriptionSummary().streamStatus()
                == StreamStatus.ACTIVE);
  }

  /** Where the first shard begins. */
  static String shardIterator(KinesisAsyncClient kinesis, String stream) throws Exception {
    return kinesis
        .getShardIterator(
            r ->
                r.streamName(stream)
                    .shardId("shardId-000000000000")
                    .shardIteratorType(ShardIteratorType.TRIM_HORIZON))
        .get()
        .shardIterator();
  }

  interface Round {
    void run(int number) throws Exception;
  }

  /** Says that it is ready, and makes rounds until the program's input ends. Gives how many it has made. */
  static int rounds(Round round) throws Exception {
    System.out.println("ready");
    CompletableFuture<byte[]> stopped = CompletableFuture.supplyAsync(Clients::input);
    int rounds = 0;
    do {
      round.run(rounds++);
      // A shard can be read five times a second.
      Thread.sleep(250);
    } while (!stopped.isDone());
    stopped.get();
    return rounds;
  }

  private static byte[] input() {
    try {
      return System.in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
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

package nagare;

import static nagare.Clients.check;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import software.amazon.awssdk.http.Protocol;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClientBuilder;
import software.amazon.awssdk.services.kinesis.model.ConsumerStatus;
import software.amazon.awssdk.services.kinesis.model.EncryptionType;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardEvent;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardResponseHandler;

/**
 * Subscriptions on which nothing or little happens, with the SDK's default timeouts: it gives up a connection to Kinesis
 * on which it read nothing for 10 seconds.
 */
public final class IdleSubscriptions {
  private static final Duration WATCHED = Duration.ofSeconds(27);
  private static final Duration RARE = Duration.ofSeconds(12);

  private record Watched(String what, CompletableFuture<Void> done, AtomicInteger events, AtomicInteger records) {}

  public static void main(String[] args) {
    Clients.run(() -> run(args[0]));
  }

  private static String run(String endpoint) throws Exception {
    // As its users make it: HTTP/2 is the SDK's own choice for Kinesis.
    try (KinesisAsyncClient http2 = builder(endpoint).build();
        KinesisAsyncClient http1 =
            builder(endpoint)
                .httpClientBuilder(NettyNioAsyncHttpClient.builder().protocol(Protocol.HTTP1_1))
                .build()) {
      for (String stream : List.of("idle", "drained", "encrypted", "rare")) {
        http2.createStream(r -> r.streamName(stream).shardCount(1)).get();
        Clients.awaitActive(http2, stream);
      }
      http2
          .startStreamEncryption(
              r -> r.streamName("encrypted").encryptionType(EncryptionType.KMS).keyId("alias/aws/kinesis"))
          .get();
      Clients.awaitActive(http2, "encrypted");
      for (String stream : List.of("drained", "encrypted")) put(http2, stream, "before");

      List<Watched> all = new ArrayList<>();
      for (var named : List.of(new Named("http2", http2), new Named("http1", http1))) {
        all.add(watch(named, "idle", ShardIteratorType.LATEST));
        all.add(watch(named, "drained", ShardIteratorType.TRIM_HORIZON));
        all.add(watch(named, "encrypted", ShardIteratorType.TRIM_HORIZON));
        all.add(watch(named, "rare", ShardIteratorType.LATEST));
      }
      long end = System.nanoTime() + WATCHED.toNanos();
      long nextPut = System.nanoTime() + RARE.toNanos();
      int put = 0;
      while (System.nanoTime() < end) {
        for (Watched each : all) check(!each.done.isDone(), each.what + " goes on");
        if (System.nanoTime() >= nextPut) {
          put(http2, "rare", "rare");
          put++;
          nextPut += RARE.toNanos();
        }
        Thread.sleep(100);
      }
      for (Watched each : all) {
        int expected = each.what.endsWith("rare") ? put : each.what.endsWith("idle") ? 0 : 1;
        check(each.records.get() == expected, each.what + " has " + each.records.get() + " records");
        check(each.events.get() >= 5, each.what + " has only " + each.events.get() + " events");
        each.done.cancel(true);
      }
    }
    return "ok";
  }

  private record Named(String name, KinesisAsyncClient client) {}

  private static KinesisAsyncClientBuilder builder(String endpoint) {
    return KinesisAsyncClient.builder()
        .endpointOverride(URI.create(endpoint))
        .region(Clients.REGION)
        .credentialsProvider(Clients.CREDENTIALS);
  }

  private static Watched watch(Named named, String stream, ShardIteratorType from) throws Exception {
    KinesisAsyncClient kinesis = named.client();
    String streamArn =
        kinesis.describeStreamSummary(r -> r.streamName(stream)).get().streamDescriptionSummary().streamARN();
    String consumerArn =
        kinesis
            .registerStreamConsumer(r -> r.streamARN(streamArn).consumerName(named.name()))
            .get()
            .consumer()
            .consumerARN();
    Clients.until(
        "the consumer is active",
        Duration.ofSeconds(30),
        () ->
            kinesis.describeStreamConsumer(r -> r.consumerARN(consumerArn)).get().consumerDescription().consumerStatus()
                == ConsumerStatus.ACTIVE);
    var events = new AtomicInteger();
    var records = new AtomicInteger();
    var done =
        kinesis.subscribeToShard(
            r ->
                r.consumerARN(consumerArn)
                    .shardId("shardId-000000000000")
                    .startingPosition(p -> p.type(from)),
            SubscribeToShardResponseHandler.builder()
                .subscriber(
                    event -> {
                      if (event instanceof SubscribeToShardEvent shardEvent) {
                        events.incrementAndGet();
                        records.addAndGet(shardEvent.records().size());
                      }
                    })
                .build());
    return new Watched(named.name() + " " + stream, done, events, records);
  }

  private static void put(KinesisAsyncClient kinesis, String stream, String text) throws Exception {
    kinesis
        .putRecord(
            r ->
                r.streamName(stream)
                    .partitionKey("key")
                    .data(software.amazon.awssdk.core.SdkBytes.fromUtf8String(text)))
        .get();
  }
}

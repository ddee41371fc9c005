package nagare;

import static nagare.Clients.check;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.model.ConsumerStatus;
import software.amazon.awssdk.services.kinesis.model.InvalidArgumentException;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequestEntry;
import software.amazon.awssdk.services.kinesis.model.Record;
import software.amazon.awssdk.services.kinesis.model.ResourceNotFoundException;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardEvent;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardResponseHandler;

/** The AWS SDK for Java 2 with its own protocol for Kinesis (CBOR over HTTP/2): put, get, subscribe, errors. */
public final class SdkV2 {
  private static final String STREAM = "java-sdk";
  private static final int RECORDS = 500;

  public static void main(String[] args) {
    Clients.run(() -> run(args));
  }

  private static String run(String[] args) throws Exception {
    try (KinesisAsyncClient kinesis = Clients.kinesis(args[0])) {
      kinesis.createStream(r -> r.streamName(STREAM).shardCount(1)).get();
      Clients.awaitActive(kinesis, STREAM);
      putAndGet(kinesis);
      subscribe(kinesis);
      errors(kinesis);
    }
    return "ok";
  }

  private static void putAndGet(KinesisAsyncClient kinesis) throws Exception {
    List<PutRecordsRequestEntry> entries =
        IntStream.range(0, RECORDS)
            .mapToObj(
                i ->
                    PutRecordsRequestEntry.builder()
                        .partitionKey("key-" + i)
                        .data(SdkBytes.fromUtf8String("record " + i))
                        .build())
            .toList();
    var put = kinesis.putRecords(r -> r.streamName(STREAM).records(entries)).get();
    check(put.failedRecordCount() == 0, "no record failed");
    check(put.records().size() == RECORDS, "an answer for each record");

    String iterator =
        kinesis
            .getShardIterator(
                r ->
                    r.streamName(STREAM)
                        .shardId("shardId-000000000000")
                        .shardIteratorType(ShardIteratorType.TRIM_HORIZON))
            .get()
            .shardIterator();
    List<Record> records = new ArrayList<>();
    while (records.size() < RECORDS) {
      String from = iterator;
      var got = kinesis.getRecords(r -> r.shardIterator(from).limit(200)).get();
      records.addAll(got.records());
      iterator = got.nextShardIterator();
    }
    for (int i = 0; i < RECORDS; i++) {
      check(records.get(i).data().asUtf8String().equals("record " + i), "record " + i + " in its place");
      check(records.get(i).sequenceNumber().equals(put.records().get(i).sequenceNumber()), "its sequence number");
      long ageMs = System.currentTimeMillis() - records.get(i).approximateArrivalTimestamp().toEpochMilli();
      check(Math.abs(ageMs) < 60_000, "its arrival time");
    }
  }

  private static void subscribe(KinesisAsyncClient kinesis) throws Exception {
    String streamArn =
        kinesis.describeStreamSummary(r -> r.streamName(STREAM)).get().streamDescriptionSummary().streamARN();
    String consumerArn =
        kinesis
            .registerStreamConsumer(r -> r.streamARN(streamArn).consumerName("java"))
            .get()
            .consumer()
            .consumerARN();
    Clients.until(
        "the consumer is active",
        Duration.ofSeconds(30),
        () ->
            kinesis.describeStreamConsumer(r -> r.consumerARN(consumerArn)).get().consumerDescription().consumerStatus()
                == ConsumerStatus.ACTIVE);

    List<String> pushed = Collections.synchronizedList(new ArrayList<>());
    var subscription =
        kinesis.subscribeToShard(
            r ->
                r.consumerARN(consumerArn)
                    .shardId("shardId-000000000000")
                    .startingPosition(p -> p.type(ShardIteratorType.TRIM_HORIZON)),
            SubscribeToShardResponseHandler.builder()
                .subscriber(
                    event -> {
                      if (event instanceof SubscribeToShardEvent shardEvent) {
                        shardEvent.records().forEach(record -> pushed.add(record.data().asUtf8String()));
                      }
                    })
                .build());
    Clients.until("the backlog is pushed", Duration.ofSeconds(30), () -> pushed.size() == RECORDS);
    kinesis.putRecord(r -> r.streamName(STREAM).partitionKey("key").data(SdkBytes.fromUtf8String("later"))).get();
    Clients.until("a new record is pushed", Duration.ofSeconds(10), () -> pushed.size() == RECORDS + 1);
    check(pushed.get(RECORDS).equals("later"), "the new record came last");
    subscription.cancel(true);
  }

  private static void errors(KinesisAsyncClient kinesis) throws Exception {
    check(
        causeOf(() -> kinesis.describeStreamSummary(r -> r.streamName("nowhere")).get())
            instanceof ResourceNotFoundException,
        "an unknown stream is a ResourceNotFoundException");
    check(
        causeOf(() -> kinesis.getRecords(r -> r.shardIterator("nonsense")).get()) instanceof InvalidArgumentException,
        "a bad iterator is an InvalidArgumentException");
  }

  private static Throwable causeOf(java.util.concurrent.Callable<?> call) throws Exception {
    try {
      call.call();
      return null;
    } catch (ExecutionException e) {
      return e.getCause();
    }
  }
}

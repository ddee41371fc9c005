package nagare;

import static nagare.Clients.check;

import com.amazonaws.services.dynamodbv2.local.embedded.DynamoDBEmbedded;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequestEntry;
import software.amazon.awssdk.services.kinesis.model.Shard;
import software.amazon.kinesis.common.ConfigsBuilder;
import software.amazon.kinesis.common.InitialPositionInStream;
import software.amazon.kinesis.common.InitialPositionInStreamExtended;
import software.amazon.kinesis.coordinator.Scheduler;
import software.amazon.kinesis.exceptions.InvalidStateException;
import software.amazon.kinesis.exceptions.ShutdownException;
import software.amazon.kinesis.lifecycle.events.InitializationInput;
import software.amazon.kinesis.lifecycle.events.LeaseLostInput;
import software.amazon.kinesis.lifecycle.events.ProcessRecordsInput;
import software.amazon.kinesis.lifecycle.events.ShardEndedInput;
import software.amazon.kinesis.lifecycle.events.ShutdownRequestedInput;
import software.amazon.kinesis.processor.ShardRecordProcessor;
import software.amazon.kinesis.processor.SingleStreamTracker;
import software.amazon.kinesis.retrieval.RetrievalConfig;
import software.amazon.kinesis.retrieval.fanout.FanOutConfig;
import software.amazon.kinesis.retrieval.polling.PollingConfig;

/** The Kinesis Client Library reads a stream through a split and a merge; nothing is lost, nothing comes twice. */
public final class Kcl {
  private static final int BATCH = 400;
  private static final int KEYS = 40;

  private final KinesisAsyncClient kinesis;
  private final String stream;
  private final Map<String, List<Integer>> readByKey = new ConcurrentHashMap<>();
  private final AtomicInteger read = new AtomicInteger();
  private int written = 0;

  private Kcl(KinesisAsyncClient kinesis, String stream) {
    this.kinesis = kinesis;
    this.stream = stream;
  }

  /** Arguments: endpoint, `polling` or `fanout`. */
  public static void main(String[] args) {
    Clients.run(() -> run(args));
  }

  private static String run(String[] args) throws Exception {
    String endpoint = args[0];
    String how = args[1];
    String stream = "kcl-" + how;
    KinesisAsyncClient kinesis = Clients.kinesis(endpoint);
    kinesis.createStream(r -> r.streamName(stream).shardCount(2)).get();
    Clients.awaitActive(kinesis, stream);

    Kcl test = new Kcl(kinesis, stream);
    test.write();
    Scheduler scheduler = test.scheduler(endpoint, how);
    Thread worker = new Thread(scheduler, "kcl");
    worker.setDaemon(true);
    worker.start();

    test.awaitRead();
    Shard first = test.openShards().get(0);
    String middle =
        new java.math.BigInteger(first.hashKeyRange().startingHashKey())
            .add(new java.math.BigInteger(first.hashKeyRange().endingHashKey()))
            .shiftRight(1)
            .toString();
    kinesis.splitShard(r -> r.streamName(stream).shardToSplit(first.shardId()).newStartingHashKey(middle)).get();
    Clients.awaitActive(kinesis, stream);
    test.write();
    test.awaitRead();

    List<Shard> open = test.openShards();
    kinesis
        .mergeShards(
            r -> r.streamName(stream).shardToMerge(open.get(0).shardId()).adjacentShardToMerge(open.get(1).shardId()))
        .get();
    Clients.awaitActive(kinesis, stream);
    test.write();
    test.awaitRead();

    Thread.sleep(2_000); // what would come twice has the time to
    test.checkOnceAndInOrder();
    return "ok " + test.written + " records";
  }

  private void write() throws Exception {
    for (int sent = 0; sent < BATCH; sent += 100) {
      List<PutRecordsRequestEntry> entries = new ArrayList<>();
      for (int i = 0; i < 100; i++, written++) {
        entries.add(
            PutRecordsRequestEntry.builder()
                .partitionKey("key-" + written % KEYS)
                .data(SdkBytes.fromUtf8String(Integer.toString(written)))
                .build());
      }
      var answer = kinesis.putRecords(r -> r.streamName(stream).records(entries)).get();
      check(answer.failedRecordCount() == 0, "every record is taken");
    }
  }

  private void awaitRead() throws Exception {
    int expected = written;
    Clients.until("all " + expected + " records are read", Duration.ofSeconds(120), () -> read.get() >= expected);
  }

  private void checkOnceAndInOrder() {
    check(read.get() == written, read.get() + " records were read of " + written);
    readByKey.forEach(
        (key, numbers) -> {
          for (int i = 1; i < numbers.size(); i++) {
            check(numbers.get(i) == numbers.get(i - 1) + KEYS, key + " lost its order: " + numbers);
          }
        });
  }

  private List<Shard> openShards() throws Exception {
    return kinesis.listShards(r -> r.streamName(stream)).get().shards().stream()
        .filter(shard -> shard.sequenceNumberRange().endingSequenceNumber() == null)
        .sorted(
            java.util.Comparator.comparing(
                shard -> new java.math.BigInteger(shard.hashKeyRange().startingHashKey())))
        .toList();
  }

  private Scheduler scheduler(String endpoint, String how) {
    var dynamo = DynamoDBEmbedded.create().dynamoDbAsyncClient();
    var tracker =
        new SingleStreamTracker(
            stream, InitialPositionInStreamExtended.newInitialPosition(InitialPositionInStream.TRIM_HORIZON));
    var configs =
        new ConfigsBuilder(
            tracker, stream, kinesis, dynamo, Clients.cloudWatch(endpoint), "worker", () -> new Processor());
    RetrievalConfig retrieval =
        configs
            .retrievalConfig()
            .retrievalSpecificConfig(
                how.equals("fanout")
                    ? new FanOutConfig(kinesis).streamName(stream).applicationName(stream)
                    : new PollingConfig(stream, kinesis).idleTimeBetweenReadsInMillis(200));
    return new Scheduler(
        configs.checkpointConfig(),
        configs.coordinatorConfig().parentShardPollIntervalMillis(500).shardConsumerDispatchPollIntervalMillis(200),
        configs
            .leaseManagementConfig()
            .failoverTimeMillis(2_000)
            .shardSyncIntervalMillis(1_000)
            .leasesRecoveryAuditorExecutionFrequencyMillis(1_000),
        configs.lifecycleConfig(),
        configs.metricsConfig(),
        configs.processorConfig(),
        retrieval);
  }

  private final class Processor implements ShardRecordProcessor {
    @Override
    public void initialize(InitializationInput input) {}

    @Override
    public void processRecords(ProcessRecordsInput input) {
      input
          .records()
          .forEach(
              record -> {
                byte[] bytes = new byte[record.data().remaining()];
                record.data().get(bytes);
                readByKey
                    .computeIfAbsent(
                        record.partitionKey(), key -> java.util.Collections.synchronizedList(new ArrayList<>()))
                    .add(Integer.parseInt(new String(bytes, java.nio.charset.StandardCharsets.UTF_8)));
                read.incrementAndGet();
              });
      try {
        input.checkpointer().checkpoint();
      } catch (InvalidStateException | ShutdownException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public void leaseLost(LeaseLostInput input) {}

    @Override
    public void shardEnded(ShardEndedInput input) {
      try {
        input.checkpointer().checkpoint();
      } catch (InvalidStateException | ShutdownException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public void shutdownRequested(ShutdownRequestedInput input) {}
  }
}

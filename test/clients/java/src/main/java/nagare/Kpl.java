package nagare;

import static nagare.Clients.check;

import com.google.common.util.concurrent.ListenableFuture;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;
import software.amazon.kinesis.producer.KinesisProducer;
import software.amazon.kinesis.producer.KinesisProducerConfiguration;
import software.amazon.kinesis.producer.UserRecordResult;
import software.amazon.kinesis.retrieval.AggregatorUtil;
import software.amazon.kinesis.retrieval.KinesisClientRecord;

/** The Kinesis Producer Library, which speaks TLS only, writes aggregated records; the KCL's de-aggregation reads them. */
public final class Kpl {
  private static final String STREAM = "kpl";
  private static final int RECORDS = 2_000;

  /** Arguments: the endpoint for plain http, the endpoint for https (the same port). */
  public static void main(String[] args) {
    Clients.run(() -> run(args));
  }

  private static String run(String[] args) throws Exception {
    URI https = URI.create(args[1]);
    KinesisAsyncClient kinesis = Clients.kinesis(args[0]);
    kinesis.createStream(r -> r.streamName(STREAM).shardCount(1)).get();
    Clients.awaitActive(kinesis, STREAM);

    KinesisProducer producer =
        new KinesisProducer(
            new KinesisProducerConfiguration()
                .setRegion(Clients.REGION.id())
                .setCredentialsProvider(Clients.CREDENTIALS)
                .setKinesisEndpoint(https.getHost())
                .setKinesisPort(https.getPort())
                .setCloudwatchEndpoint(https.getHost())
                .setCloudwatchPort(https.getPort())
                .setStsEndpoint(https.getHost())
                .setStsPort(https.getPort())
                .setVerifyCertificate(false)
                .setMetricsLevel("none")
                .setAggregationEnabled(true));
    List<ListenableFuture<UserRecordResult>> results = new ArrayList<>();
    for (int i = 0; i < RECORDS; i++) {
      results.add(producer.addUserRecord(STREAM, "key-" + i % 7, utf8("message " + i)));
    }
    producer.flushSync();
    for (ListenableFuture<UserRecordResult> result : results) check(result.get().isSuccessful(), "a record was taken");

    Set<String> read = new HashSet<>();
    int stored = 0;
    String iterator =
        kinesis
            .getShardIterator(
                r ->
                    r.streamName(STREAM)
                        .shardId("shardId-000000000000")
                        .shardIteratorType(ShardIteratorType.TRIM_HORIZON))
            .get()
            .shardIterator();
    while (read.size() < RECORDS) {
      String from = iterator;
      var got = kinesis.getRecords(r -> r.shardIterator(from)).get();
      check(!got.records().isEmpty(), "records are left: " + read.size() + " of " + RECORDS);
      stored += got.records().size();
      List<KinesisClientRecord> records = got.records().stream().map(KinesisClientRecord::fromRecord).toList();
      for (KinesisClientRecord user : new AggregatorUtil().deaggregate(records)) {
        check(read.add(StandardCharsets.UTF_8.decode(user.data()).toString()), "a record came twice");
      }
      iterator = got.nextShardIterator();
    }
    check(stored < RECORDS, "records were aggregated: " + stored);
    return "ok " + RECORDS + " user records in " + stored;
  }

  private static ByteBuffer utf8(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }
}

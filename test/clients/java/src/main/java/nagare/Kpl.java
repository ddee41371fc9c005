package nagare;

import static nagare.Clients.check;

import com.google.common.util.concurrent.ListenableFuture;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.kinesis.producer.KinesisProducer;
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

    KinesisProducer producer = new KinesisProducer(Clients.producer(https).setAggregationEnabled(true));
    Reader reader = new Reader(kinesis);
    // Until it has learned the shards, which it asks for in the background, it sends each record as it is.
    int[] round = {0};
    Clients.until("records are aggregated", Duration.ofSeconds(30), () -> put(producer, reader, "early " + round[0]++, 20) < 20);
    int stored = put(producer, reader, "message", RECORDS);
    check(stored < RECORDS / 10, "records were aggregated: " + stored);
    return "ok " + RECORDS + " user records in " + stored;
  }

  /** Puts so many records and reads them back, each once; gives as how many they were stored. */
  private static int put(KinesisProducer producer, Reader reader, String name, int count) throws Exception {
    List<ListenableFuture<UserRecordResult>> results = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      results.add(producer.addUserRecord(STREAM, "key-" + i % 7, utf8(name + " " + i)));
    }
    producer.flushSync();
    for (ListenableFuture<UserRecordResult> result : results) check(result.get().isSuccessful(), "a record was taken");
    return reader.read(count);
  }

  /** Reads the stream's one shard on and on. */
  private static final class Reader {
    private final KinesisAsyncClient kinesis;
    private final Set<String> seen = new HashSet<>();
    private String iterator;

    Reader(KinesisAsyncClient kinesis) throws Exception {
      this.kinesis = kinesis;
      iterator = Clients.shardIterator(kinesis, STREAM);
    }

    /** The next so many user records, none of them seen before; gives as how many they were stored. */
    int read(int count) throws Exception {
      int stored = 0;
      int all = seen.size() + count;
      while (seen.size() < all) {
        String from = iterator;
        var got = kinesis.getRecords(r -> r.shardIterator(from)).get();
        check(!got.records().isEmpty(), "records are left: " + (all - seen.size()) + " of " + count);
        stored += got.records().size();
        List<KinesisClientRecord> records = got.records().stream().map(KinesisClientRecord::fromRecord).toList();
        for (KinesisClientRecord user : new AggregatorUtil().deaggregate(records)) {
          check(seen.add(StandardCharsets.UTF_8.decode(user.data()).toString()), "a record came twice");
        }
        iterator = got.nextShardIterator();
      }
      return stored;
    }
  }

  private static ByteBuffer utf8(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }
}

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
import software.amazon.kinesis.producer.KinesisProducer;
import software.amazon.kinesis.producer.UserRecordResult;
import software.amazon.kinesis.retrieval.AggregatorUtil;
import software.amazon.kinesis.retrieval.KinesisClientRecord;

/**
 * Works with a cluster by the Kinesis Producer Library until its input ends: each record is taken, and is there. The KPL
 * puts a record again whose response it has not got, in another request, so that a record may be there more than once.
 */
public final class KplRounds {
  private static final String STREAM = "kpl";
  private static final int BATCH = 20;

  private KplRounds() {}

  /** Arguments: the endpoint for plain http, the endpoint for https. */
  public static void main(String[] args) {
    Clients.run(() -> run(args[0], URI.create(args[1])));
  }

  private static String run(String endpoint, URI https) throws Exception {
    KinesisAsyncClient kinesis = Clients.kinesis(endpoint);
    kinesis.createStream(r -> r.streamName(STREAM).shardCount(1)).get();
    Clients.awaitActive(kinesis, STREAM);
    KinesisProducer producer = new KinesisProducer(Clients.producer(https));
    int rounds = Clients.rounds(round -> put(producer, round));
    int repeats = repeats(kinesis, rounds * BATCH);
    return rounds + " rounds, " + repeats + " records put again";
  }

  private static void put(KinesisProducer producer, int round) throws Exception {
    List<ListenableFuture<UserRecordResult>> results = new ArrayList<>();
    for (int n = round * BATCH; n < (round + 1) * BATCH; n++) {
      ByteBuffer data = ByteBuffer.wrap(Integer.toString(n).getBytes(StandardCharsets.UTF_8));
      results.add(producer.addUserRecord(STREAM, "key-" + n % 7, data));
    }
    producer.flushSync();
    for (ListenableFuture<UserRecordResult> result : results) check(result.get().isSuccessful(), "a record was taken");
  }

  /** Reads all records, each of which is there; gives how many are there again. */
  private static int repeats(KinesisAsyncClient kinesis, int count) throws Exception {
    Set<String> found = new HashSet<>();
    int all = 0;
    String iterator = Clients.shardIterator(kinesis, STREAM);
    while (true) {
      String from = iterator;
      var got = kinesis.getRecords(r -> r.shardIterator(from)).get();
      if (got.records().isEmpty()) break;
      List<KinesisClientRecord> records = got.records().stream().map(KinesisClientRecord::fromRecord).toList();
      for (KinesisClientRecord user : new AggregatorUtil().deaggregate(records)) {
        found.add(StandardCharsets.UTF_8.decode(user.data()).toString());
        all++;
      }
      iterator = got.nextShardIterator();
    }
    for (int n = 0; n < count; n++) check(found.remove(Integer.toString(n)), "record " + n + " is there");
    check(found.isEmpty(), "nothing else is there: " + found);
    return all - count;
  }
}

package nagare;

import static nagare.Clients.check;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequestEntry;
import software.amazon.awssdk.services.kinesis.model.Record;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequestEntry;

/**
 * Works with a cluster by the AWS SDK for Java 2 as it comes until its input ends: puts numbered records and reads them
 * back (CBOR over HTTP/2), sends numbered messages to a queue and receives them in batches (JSON over HTTP/1.1). Each
 * record is there once, in order, and each message is received.
 */
public final class Rounds {
  private static final String NAME = "java";

  private final KinesisAsyncClient kinesis;
  private final SqsClient sqs;
  private final String queueUrl;
  private String iterator;
  private int put = 0;
  private int read = 0;
  private int sent = 0;
  private final Set<String> waiting = new HashSet<>();

  private Rounds(KinesisAsyncClient kinesis, SqsClient sqs) throws Exception {
    this.kinesis = kinesis;
    this.sqs = sqs;
    kinesis.createStream(r -> r.streamName(NAME).shardCount(1)).get();
    Clients.awaitActive(kinesis, NAME);
    iterator = Clients.shardIterator(kinesis, NAME);
    // Messages are invisible for longer than any pause.
    queueUrl =
        sqs.createQueue(r -> r.queueName(NAME).attributes(Map.of(QueueAttributeName.VISIBILITY_TIMEOUT, "120")))
            .queueUrl();
  }

  /** Argument: the endpoint. */
  public static void main(String[] args) {
    Clients.run(() -> run(args[0]));
  }

  private static String run(String endpoint) throws Exception {
    Rounds test = new Rounds(Clients.kinesis(endpoint), Clients.sqs(endpoint));
    return Clients.rounds(round -> test.round()) + " rounds";
  }

  private void round() throws Exception {
    putOne();
    putTwo();
    read();
    send();
    receive();
  }

  private void putOne() throws Exception {
    kinesis.putRecord(r -> r.streamName(NAME).partitionKey("a").data(number(put))).get();
    put++;
  }

  private void putTwo() throws Exception {
    List<PutRecordsRequestEntry> entries =
        IntStream.range(put, put + 2)
            .mapToObj(n -> PutRecordsRequestEntry.builder().partitionKey("key-" + n).data(number(n)).build())
            .toList();
    var answer = kinesis.putRecords(r -> r.streamName(NAME).records(entries)).get();
    check(answer.failedRecordCount() == 0, answer.failedRecordCount() + " records failed");
    put += 2;
  }

  /** All that was put is there. */
  private void read() throws Exception {
    while (read < put) {
      String from = iterator;
      var got = kinesis.getRecords(r -> r.shardIterator(from)).get();
      check(!got.records().isEmpty(), read + " records are there, " + put + " were put");
      for (Record record : got.records()) {
        String data = record.data().asUtf8String();
        check(data.equals(Integer.toString(read)), "record " + data + " in the place of " + read);
        read++;
      }
      iterator = got.nextShardIterator();
    }
    check(read == put, read + " records are there, " + put + " were put");
  }

  private void send() {
    List<SendMessageBatchRequestEntry> entries =
        IntStream.range(sent, sent + 2)
            .mapToObj(n -> SendMessageBatchRequestEntry.builder().id("n" + n).messageBody(Integer.toString(n)).build())
            .toList();
    var answer = sqs.sendMessageBatch(r -> r.queueUrl(queueUrl).entries(entries));
    check(answer.failed().isEmpty(), "messages failed: " + answer.failed());
    entries.forEach(entry -> waiting.add(entry.messageBody()));
    sent += 2;
  }

  /** All that was sent comes, and is deleted. */
  private void receive() {
    while (!waiting.isEmpty()) {
      var messages = sqs.receiveMessage(r -> r.queueUrl(queueUrl).maxNumberOfMessages(10).waitTimeSeconds(1)).messages();
      if (messages.isEmpty()) continue;
      List<DeleteMessageBatchRequestEntry> done =
          messages.stream()
              .map(m -> DeleteMessageBatchRequestEntry.builder().id(m.messageId()).receiptHandle(m.receiptHandle()).build())
              .toList();
      var answer = sqs.deleteMessageBatch(r -> r.queueUrl(queueUrl).entries(done));
      check(answer.failed().isEmpty(), "deletions failed: " + answer.failed());
      messages.forEach(message -> check(waiting.remove(message.body()), message.body() + " came again"));
    }
  }

  private static SdkBytes number(int n) {
    return SdkBytes.fromUtf8String(Integer.toString(n));
  }
}

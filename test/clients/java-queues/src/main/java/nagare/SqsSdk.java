package nagare;

import static nagare.Clients.check;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.stream.IntStream;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.sqs.SqsAsyncClient;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.batchmanager.SqsAsyncBatchManager;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageAttributeValue;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.QueueDoesNotExistException;
import software.amazon.awssdk.services.sqs.model.ReceiptHandleIsInvalidException;
import software.amazon.awssdk.services.sqs.model.ReceiveMessageResponse;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.SendMessageResponse;

/**
 * The AWS SDK for Java 2 with its default settings, which verify the digests of messages: batches, attributes, long
 * polls, visibility, FIFO, errors, and its batch manager. Argument: the endpoint.
 */
public final class SqsSdk {
  private SqsSdk() {}

  public static void main(String[] args) {
    try (SqsClient sqs = Clients.of(SqsClient.builder(), args[0]);
        SqsAsyncClient async = Clients.of(SqsAsyncClient.builder(), args[0])) {
      standard(sqs, async);
      fifo(sqs);
      errors(sqs);
      batchManager(sqs, async);
    }
    System.out.println("ok");
  }

  private static void standard(SqsClient sqs, SqsAsyncClient async) {
    String url = sqs.createQueue(b -> b.queueName("java")).queueUrl();
    check(url.equals(sqs.getQueueUrl(b -> b.queueName("java")).queueUrl()), "the URL of the queue");
    CompletableFuture<ReceiveMessageResponse> waiting =
        async.receiveMessage(b -> b.queueUrl(url).waitTimeSeconds(20).messageAttributeNames("All"));
    sqs.sendMessage(
        b ->
            b.queueUrl(url)
                .messageBody("größer")
                .messageAttributes(
                    Map.of(
                        "n",
                        MessageAttributeValue.builder().dataType("Number").stringValue("7").build(),
                        "b",
                        MessageAttributeValue.builder()
                            .dataType("Binary")
                            .binaryValue(SdkBytes.fromByteArray(new byte[] {1, 2, 3}))
                            .build())));
    Message woken = waiting.join().messages().get(0);
    check(woken.body().equals("größer"), "the body");
    check(woken.messageAttributes().get("b").binaryValue().asByteArray().length == 3, "the binary attribute");
    sqs.changeMessageVisibility(b -> b.queueUrl(url).receiptHandle(woken.receiptHandle()).visibilityTimeout(0));
    Message again =
        sqs.receiveMessage(
                b -> b.queueUrl(url).messageSystemAttributeNames(MessageSystemAttributeName.ALL))
            .messages()
            .get(0);
    check(
        again.attributes().get(MessageSystemAttributeName.APPROXIMATE_RECEIVE_COUNT).equals("2"),
        "it is received a second time");
    sqs.deleteMessage(b -> b.queueUrl(url).receiptHandle(again.receiptHandle()));

    List<SendMessageBatchRequestEntry> entries =
        IntStream.range(0, 10)
            .mapToObj(n -> SendMessageBatchRequestEntry.builder().id("m" + n).messageBody("job " + n).build())
            .toList();
    check(sqs.sendMessageBatch(b -> b.queueUrl(url).entries(entries)).failed().isEmpty(), "all are sent");
    List<Message> batch = sqs.receiveMessage(b -> b.queueUrl(url).maxNumberOfMessages(10)).messages();
    check(batch.size() == 10, "all are received");
    List<DeleteMessageBatchRequestEntry> done =
        batch.stream()
            .map(m -> DeleteMessageBatchRequestEntry.builder().id(m.messageId()).receiptHandle(m.receiptHandle()).build())
            .toList();
    check(sqs.deleteMessageBatch(b -> b.queueUrl(url).entries(done)).failed().isEmpty(), "all are deleted");
  }

  private static void fifo(SqsClient sqs) {
    String url =
        sqs.createQueue(
                b ->
                    b.queueName("java.fifo")
                        .attributes(
                            Map.of(
                                QueueAttributeName.FIFO_QUEUE, "true",
                                QueueAttributeName.CONTENT_BASED_DEDUPLICATION, "true")))
            .queueUrl();
    SendMessageResponse first = sqs.sendMessage(b -> b.queueUrl(url).messageGroupId("g").messageBody("1"));
    SendMessageResponse repeat = sqs.sendMessage(b -> b.queueUrl(url).messageGroupId("g").messageBody("1"));
    check(first.sequenceNumber().equals(repeat.sequenceNumber()), "a duplicate has the first one's number");
    sqs.sendMessage(b -> b.queueUrl(url).messageGroupId("g").messageBody("2"));
    List<Message> received =
        sqs.receiveMessage(b -> b.queueUrl(url).maxNumberOfMessages(10).receiveRequestAttemptId("a")).messages();
    check(received.stream().map(Message::body).toList().equals(List.of("1", "2")), "in order, once");
  }

  private static void errors(SqsClient sqs) {
    try {
      sqs.getQueueUrl(b -> b.queueName("nobody"));
      throw new AssertionError("a queue that does not exist was found");
    } catch (QueueDoesNotExistException expected) {
      check(
          expected.awsErrorDetails().errorCode().equals("AWS.SimpleQueueService.NonExistentQueue"),
          "the code of the query protocol, not " + expected.awsErrorDetails().errorCode());
    }
    try {
      String url = sqs.getQueueUrl(b -> b.queueName("java")).queueUrl();
      sqs.deleteMessage(b -> b.queueUrl(url).receiptHandle("forged"));
      throw new AssertionError("a forged handle was taken");
    } catch (ReceiptHandleIsInvalidException expected) {
      check(expected.statusCode() == 404 || expected.statusCode() == 400, "a client's error");
    }
  }

  /** It collects calls into batches, and receives ahead by long polls. */
  private static void batchManager(SqsClient sqs, SqsAsyncClient async) {
    String url = sqs.createQueue(b -> b.queueName("java-batches")).queueUrl();
    ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    try (SqsAsyncBatchManager manager =
        SqsAsyncBatchManager.builder().client(async).scheduledExecutor(timer).build()) {
      List<CompletableFuture<SendMessageResponse>> sent =
          IntStream.range(0, 25)
              .mapToObj(n -> manager.sendMessage(b -> b.queueUrl(url).messageBody("job " + n)))
              .toList();
      sent.forEach(CompletableFuture::join);
      int left = 25;
      while (left > 0) {
        for (Message message : manager.receiveMessage(b -> b.queueUrl(url)).join().messages()) {
          manager.deleteMessage(b -> b.queueUrl(url).receiptHandle(message.receiptHandle())).join();
          left--;
        }
      }
      check(left == 0, "each message is received once");
    }
    timer.shutdownNow();
  }
}

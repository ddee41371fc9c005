package nagare;

import static nagare.Clients.check;

import io.awspring.cloud.sqs.annotation.SqsListener;
import io.awspring.cloud.sqs.config.SqsBootstrapConfiguration;
import io.awspring.cloud.sqs.config.SqsMessageListenerContainerFactory;
import io.awspring.cloud.sqs.listener.Visibility;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import software.amazon.awssdk.services.sqs.SqsAsyncClient;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

/**
 * Listeners of Spring Cloud AWS: long polls, acknowledgement in batches, a slow handler that extends the visibility of
 * its message, one that fails once, and a FIFO queue. Argument: the endpoint.
 */
public final class SpringListener {
  private static final int JOBS = 30;
  private static final int GROUPS = 3;
  private static final int PER_GROUP = 10;
  private static String endpoint;
  private static final List<String> handled = Collections.synchronizedList(new ArrayList<>());
  private static final List<String> ordered = Collections.synchronizedList(new ArrayList<>());
  private static final CountDownLatch left = new CountDownLatch(JOBS + 2 + GROUPS * PER_GROUP);

  private SpringListener() {}

  @Configuration
  @Import(SqsBootstrapConfiguration.class)
  static class Application {
    private boolean hasFailed;

    @Bean
    SqsAsyncClient sqsAsyncClient() {
      return Clients.of(SqsAsyncClient.builder(), endpoint);
    }

    @Bean
    SqsMessageListenerContainerFactory<Object> defaultSqsListenerContainerFactory(SqsAsyncClient client) {
      return SqsMessageListenerContainerFactory.builder()
          .sqsAsyncClient(client)
          .configure(options -> options.pollTimeout(Duration.ofSeconds(5)))
          .build();
    }

    @SqsListener("spring-jobs")
    void job(String body, Visibility visibility) throws InterruptedException {
      if (body.equals("slow")) {
        // Twice as long as the timeout of the queue.
        visibility.changeTo(30);
        Thread.sleep(6000);
      }
      if (body.equals("fails once") && !hasFailed) {
        hasFailed = true;
        throw new IllegalStateException("once");
      }
      handled.add(body);
      left.countDown();
    }

    @SqsListener("spring.fifo")
    void ordered(String body) {
      ordered.add(body);
      left.countDown();
    }
  }

  public static void main(String[] args) throws InterruptedException {
    endpoint = args[0];
    try (SqsClient sqs = Clients.of(SqsClient.builder(), endpoint)) {
      String jobs = create(sqs, "spring-jobs", Map.of(QueueAttributeName.VISIBILITY_TIMEOUT, "3"));
      String fifo =
          create(
              sqs,
              "spring.fifo",
              Map.of(QueueAttributeName.FIFO_QUEUE, "true", QueueAttributeName.CONTENT_BASED_DEDUPLICATION, "true"));
      try (var context = new AnnotationConfigApplicationContext(Application.class)) {
        send(sqs, jobs, "slow", null);
        send(sqs, jobs, "fails once", null);
        for (int n = 0; n < JOBS; n++) send(sqs, jobs, "job " + n, null);
        for (int n = 0; n < PER_GROUP; n++)
          for (int group = 0; group < GROUPS; group++) send(sqs, fifo, group + ":" + n, "g" + group);
        check(left.await(60, TimeUnit.SECONDS), left.getCount() + " messages were not handled: " + handled + ordered);
        untilEmpty(sqs, jobs);
        untilEmpty(sqs, fifo);
        check(Collections.frequency(handled, "slow") == 1, "the slow message is handled once");
        check(handled.size() == JOBS + 2, "each message is handled once: " + handled);
        for (int group = 0; group < GROUPS; group++) {
          String prefix = group + ":";
          List<String> ofGroup = ordered.stream().filter(body -> body.startsWith(prefix)).toList();
          for (int n = 0; n < PER_GROUP; n++) check(ofGroup.get(n).equals(prefix + n), "in order: " + ofGroup);
        }
      }
    }
    System.out.println("ok");
  }

  private static String create(SqsClient sqs, String name, Map<QueueAttributeName, String> attributes) {
    return sqs.createQueue(b -> b.queueName(name).attributes(attributes)).queueUrl();
  }

  private static void send(SqsClient sqs, String url, String body, String group) {
    sqs.sendMessage(b -> b.queueUrl(url).messageBody(body).messageGroupId(group));
  }

  private static void untilEmpty(SqsClient sqs, String url) throws InterruptedException {
    List<QueueAttributeName> names =
        List.of(
            QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES,
            QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE);
    for (int attempt = 0; attempt < 300; attempt++) {
      Map<QueueAttributeName, String> counts =
          sqs.getQueueAttributes(b -> b.queueUrl(url).attributeNames(names)).attributes();
      if (counts.values().stream().allMatch("0"::equals)) return;
      Thread.sleep(100);
    }
    throw new AssertionError("messages were not deleted");
  }
}

package nagare;

import static nagare.Clients.check;

import com.amazon.sqs.javamessaging.ProviderConfiguration;
import com.amazon.sqs.javamessaging.SQSConnection;
import com.amazon.sqs.javamessaging.SQSConnectionFactory;
import com.amazon.sqs.javamessaging.SQSSession;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import software.amazon.awssdk.services.sqs.SqsClient;

/** AWS's JMS library: text with properties, acknowledgement, and recovery of what was not acknowledged. */
public final class Jms {
  private static final int MESSAGES = 25;

  private Jms() {}

  public static void main(String[] args) throws JMSException {
    SqsClient sqs = Clients.of(SqsClient.builder(), args[0]);
    sqs.createQueue(b -> b.queueName("jms"));
    SQSConnection connection = new SQSConnectionFactory(new ProviderConfiguration(), sqs).createConnection();
    Session session = connection.createSession(false, SQSSession.UNORDERED_ACKNOWLEDGE);
    MessageProducer producer = session.createProducer(session.createQueue("jms"));
    for (int n = 0; n < MESSAGES; n++) {
      TextMessage message = session.createTextMessage("job " + n);
      message.setIntProperty("n", n);
      producer.send(message);
    }
    MessageConsumer consumer = session.createConsumer(session.createQueue("jms"));
    connection.start();
    Message first = consumer.receive(10_000);
    session.recover();
    check(first != null, "a message is received");
    for (int n = 0; n < MESSAGES; n++) {
      TextMessage message = (TextMessage) consumer.receive(10_000);
      check(message != null, n + " of the messages are received");
      check(message.getText().equals("job " + message.getIntProperty("n")), "the property of the message");
      message.acknowledge();
    }
    check(consumer.receiveNoWait() == null, "each message is received once");
    connection.close();
    System.out.println("ok");
  }
}

// The AWS SDK for Go 2 with queues at its default settings, which verify the digests of messages: batches, long polls,
// visibility, FIFO, errors. Argument: the endpoint.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"
)

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	loaded, err := config.LoadDefaultConfig(ctx,
		config.WithRegion("us-east-1"),
		config.WithBaseEndpoint(os.Args[1]),
		config.WithCredentialsProvider(credentials.NewStaticCredentialsProvider("test", "test", "")))
	must(err)
	client := sqs.NewFromConfig(loaded)
	url := standard(ctx, client)
	fifo(ctx, client)
	failures(ctx, client, url)
	fmt.Println("ok")
}

func standard(ctx context.Context, client *sqs.Client) *string {
	created, err := client.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: aws.String("go")})
	must(err)
	url := created.QueueUrl

	woken := make(chan types.Message)
	go func() {
		answer, err := client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: url, WaitTimeSeconds: 20, MessageAttributeNames: []string{"All"}})
		must(err)
		woken <- answer.Messages[0]
	}()
	time.Sleep(100 * time.Millisecond)
	_, err = client.SendMessage(ctx, &sqs.SendMessageInput{
		QueueUrl:          url,
		MessageBody:       aws.String("größer"),
		MessageAttributes: map[string]types.MessageAttributeValue{"b": {DataType: aws.String("Binary"), BinaryValue: []byte{1, 2, 3}}},
	})
	must(err)
	message := <-woken
	check(*message.Body == "größer" && len(message.MessageAttributes["b"].BinaryValue) == 3, "the message as it was sent")
	_, err = client.ChangeMessageVisibility(ctx, &sqs.ChangeMessageVisibilityInput{QueueUrl: url, ReceiptHandle: message.ReceiptHandle, VisibilityTimeout: 0})
	must(err)
	again := receive(ctx, client, url)
	check(len(again) == 1 && again[0].Attributes["ApproximateReceiveCount"] == "2", "it is received a second time")
	_, err = client.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: url, ReceiptHandle: again[0].ReceiptHandle})
	must(err)

	entries := make([]types.SendMessageBatchRequestEntry, 10)
	for n := range entries {
		entries[n] = types.SendMessageBatchRequestEntry{Id: aws.String(fmt.Sprint(n)), MessageBody: aws.String(fmt.Sprintf("job %d", n))}
	}
	sent, err := client.SendMessageBatch(ctx, &sqs.SendMessageBatchInput{QueueUrl: url, Entries: entries})
	must(err)
	check(len(sent.Successful) == 10 && len(sent.Failed) == 0, "every message is sent")
	batch := receive(ctx, client, url)
	check(len(batch) == 10, "every message is received")
	done := make([]types.DeleteMessageBatchRequestEntry, len(batch))
	for n, one := range batch {
		done[n] = types.DeleteMessageBatchRequestEntry{Id: aws.String(fmt.Sprint(n)), ReceiptHandle: one.ReceiptHandle}
	}
	deleted, err := client.DeleteMessageBatch(ctx, &sqs.DeleteMessageBatchInput{QueueUrl: url, Entries: done})
	must(err)
	check(len(deleted.Failed) == 0, "every message is deleted")
	return url
}

func fifo(ctx context.Context, client *sqs.Client) {
	created, err := client.CreateQueue(ctx, &sqs.CreateQueueInput{
		QueueName:  aws.String("go.fifo"),
		Attributes: map[string]string{"FifoQueue": "true", "ContentBasedDeduplication": "true"},
	})
	must(err)
	for _, body := range []string{"1", "2", "1"} {
		_, err = client.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: created.QueueUrl, MessageBody: aws.String(body), MessageGroupId: aws.String("g")})
		must(err)
	}
	received := receive(ctx, client, created.QueueUrl)
	check(len(received) == 2 && *received[0].Body == "1" && *received[1].Body == "2", "in order, once")
}

func failures(ctx context.Context, client *sqs.Client, url *string) {
	var unknown *types.QueueDoesNotExist
	_, err := client.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: aws.String("nobody")})
	check(errors.As(err, &unknown), "an unknown queue is a QueueDoesNotExist, not %v", err)
	check(unknown.ErrorCode() == "AWS.SimpleQueueService.NonExistentQueue", "the code of the query protocol, not %s", unknown.ErrorCode())
	var invalid *types.ReceiptHandleIsInvalid
	_, err = client.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: url, ReceiptHandle: aws.String("forged")})
	check(errors.As(err, &invalid), "a forged handle is a ReceiptHandleIsInvalid, not %v", err)
	var client400 smithy.APIError
	_, err = client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: url, MaxNumberOfMessages: 11})
	check(errors.As(err, &client400) && client400.ErrorFault() == smithy.FaultClient, "eleven messages are the client's fault: %v", err)
}

func receive(ctx context.Context, client *sqs.Client, url *string) []types.Message {
	answer, err := client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
		QueueUrl:                    url,
		MaxNumberOfMessages:         10,
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameAll},
	})
	must(err)
	return answer.Messages
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func check(holds bool, format string, args ...any) {
	if !holds {
		log.Fatalf(format, args...)
	}
}

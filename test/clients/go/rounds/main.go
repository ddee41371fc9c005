// Works with a cluster by the AWS SDK for Go 2 as it comes until its input ends: puts numbered records and reads them
// back, sends numbered messages to a FIFO queue and receives them. Each is there once, in order. The endpoint is in the
// environment.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// A shard can be read five times a second.
const pause = 250 * time.Millisecond

func main() {
	ctx := context.Background()
	loaded, err := config.LoadDefaultConfig(ctx)
	must(err)
	records := createStream(ctx, kinesis.NewFromConfig(loaded))
	messages := createQueue(ctx, sqs.NewFromConfig(loaded))
	fmt.Println("ready")

	stopped := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		close(stopped)
	}()
	rounds := 0
	for isStopped := false; !isStopped; rounds++ {
		records.putOne(ctx)
		records.putTwo(ctx)
		records.read(ctx)
		messages.send(ctx)
		messages.receive(ctx)
		select {
		case <-stopped:
			isStopped = true
		case <-time.After(pause):
		}
	}
	fmt.Printf("%d rounds\n", rounds)
}

// A stream of one shard, whose records are numbered.
type stream struct {
	kinesis   *kinesis.Client
	name      *string
	iterator  *string
	put, seen int
}

func createStream(ctx context.Context, client *kinesis.Client) *stream {
	name := aws.String("go")
	_, err := client.CreateStream(ctx, &kinesis.CreateStreamInput{StreamName: name, ShardCount: aws.Int32(1)})
	must(err)
	waiter := kinesis.NewStreamExistsWaiter(client, func(o *kinesis.StreamExistsWaiterOptions) {
		o.MinDelay = 100 * time.Millisecond
	})
	must(waiter.Wait(ctx, &kinesis.DescribeStreamInput{StreamName: name}, time.Minute))
	start, err := client.GetShardIterator(ctx, &kinesis.GetShardIteratorInput{
		StreamName:        name,
		ShardId:           aws.String("shardId-000000000000"),
		ShardIteratorType: types.ShardIteratorTypeTrimHorizon,
	})
	must(err)
	return &stream{kinesis: client, name: name, iterator: start.ShardIterator}
}

func (s *stream) putOne(ctx context.Context) {
	_, err := s.kinesis.PutRecord(ctx, &kinesis.PutRecordInput{
		StreamName:   s.name,
		PartitionKey: aws.String("a"),
		Data:         []byte(strconv.Itoa(s.put)),
	})
	must(err)
	s.put++
}

func (s *stream) putTwo(ctx context.Context) {
	answer, err := s.kinesis.PutRecords(ctx, &kinesis.PutRecordsInput{
		StreamName: s.name,
		Records: []types.PutRecordsRequestEntry{
			{PartitionKey: aws.String("a"), Data: []byte(strconv.Itoa(s.put))},
			{PartitionKey: aws.String("b"), Data: []byte(strconv.Itoa(s.put + 1))},
		},
	})
	must(err)
	check(*answer.FailedRecordCount == 0, "%d records failed", *answer.FailedRecordCount)
	s.put += 2
}

// All that was put is there.
func (s *stream) read(ctx context.Context) {
	for s.seen < s.put {
		got, err := s.kinesis.GetRecords(ctx, &kinesis.GetRecordsInput{ShardIterator: s.iterator})
		must(err)
		check(len(got.Records) > 0, "%d records are there, %d were put", s.seen, s.put)
		for _, record := range got.Records {
			check(string(record.Data) == strconv.Itoa(s.seen), "record %s in the place of %d", record.Data, s.seen)
			s.seen++
		}
		s.iterator = got.NextShardIterator
	}
	check(s.seen == s.put, "%d records are there, %d were put", s.seen, s.put)
}

// A FIFO queue, whose messages are numbered and of one group.
type queue struct {
	sqs            *sqs.Client
	url            *string
	sent, received int
}

func createQueue(ctx context.Context, client *sqs.Client) *queue {
	created, err := client.CreateQueue(ctx, &sqs.CreateQueueInput{
		QueueName: aws.String("go.fifo"),
		// Messages are invisible for longer than any pause.
		Attributes: map[string]string{"FifoQueue": "true", "VisibilityTimeout": "120"},
	})
	must(err)
	return &queue{sqs: client, url: created.QueueUrl}
}

func (q *queue) send(ctx context.Context) {
	body := aws.String(strconv.Itoa(q.sent))
	_, err := q.sqs.SendMessage(ctx, &sqs.SendMessageInput{
		QueueUrl:               q.url,
		MessageBody:            body,
		MessageGroupId:         aws.String("a"),
		MessageDeduplicationId: body,
	})
	must(err)
	q.sent++
}

// All that was sent comes, and is deleted.
func (q *queue) receive(ctx context.Context) {
	for q.received < q.sent {
		page, err := q.sqs.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
			QueueUrl:            q.url,
			MaxNumberOfMessages: 10,
			WaitTimeSeconds:     1,
		})
		must(err)
		for _, message := range page.Messages {
			check(*message.Body == strconv.Itoa(q.received), "message %s in the place of %d", *message.Body, q.received)
			_, err = q.sqs.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: q.url, ReceiptHandle: message.ReceiptHandle})
			must(err)
			q.received++
		}
	}
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

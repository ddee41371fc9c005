// The AWS SDK for Go 2 with its default settings: put, get, subscribe, errors. Argument: the endpoint.
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
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

const (
	stream  = "go-sdk"
	records = 500
)

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	loaded, err := config.LoadDefaultConfig(ctx,
		config.WithRegion("us-east-1"),
		config.WithBaseEndpoint(os.Args[1]),
		config.WithCredentialsProvider(credentials.NewStaticCredentialsProvider("test", "test", "")))
	must(err)
	client := kinesis.NewFromConfig(loaded)

	_, err = client.CreateStream(ctx, &kinesis.CreateStreamInput{StreamName: aws.String(stream), ShardCount: aws.Int32(1)})
	must(err)
	name := &kinesis.DescribeStreamInput{StreamName: aws.String(stream)}
	must(kinesis.NewStreamExistsWaiter(client, func(o *kinesis.StreamExistsWaiterOptions) {
		o.MinDelay = 100 * time.Millisecond
	}).Wait(ctx, name, time.Minute))

	put(ctx, client)
	get(ctx, client)
	subscribe(ctx, client)

	var notFound *types.ResourceNotFoundException
	_, err = client.DescribeStreamSummary(ctx, &kinesis.DescribeStreamSummaryInput{StreamName: aws.String("nowhere")})
	check(errors.As(err, &notFound), "an unknown stream is a ResourceNotFoundException, not %v", err)
	fmt.Println("ok")
}

func put(ctx context.Context, client *kinesis.Client) {
	entries := make([]types.PutRecordsRequestEntry, records)
	for i := range entries {
		entries[i] = types.PutRecordsRequestEntry{
			PartitionKey: aws.String(fmt.Sprintf("key-%d", i)),
			Data:         []byte(fmt.Sprintf("record %d", i)),
		}
	}
	answer, err := client.PutRecords(ctx, &kinesis.PutRecordsInput{StreamName: aws.String(stream), Records: entries})
	must(err)
	check(*answer.FailedRecordCount == 0 && len(answer.Records) == records, "every record is taken")
}

func get(ctx context.Context, client *kinesis.Client) {
	iterator, err := client.GetShardIterator(ctx, &kinesis.GetShardIteratorInput{
		StreamName:        aws.String(stream),
		ShardId:           aws.String("shardId-000000000000"),
		ShardIteratorType: types.ShardIteratorTypeTrimHorizon,
	})
	must(err)
	read := 0
	for next := iterator.ShardIterator; read < records; {
		got, err := client.GetRecords(ctx, &kinesis.GetRecordsInput{ShardIterator: next, Limit: aws.Int32(200)})
		must(err)
		for _, record := range got.Records {
			check(string(record.Data) == fmt.Sprintf("record %d", read), "record %d in its place", read)
			read++
		}
		next = got.NextShardIterator
	}
}

func subscribe(ctx context.Context, client *kinesis.Client) {
	described, err := client.DescribeStreamSummary(ctx, &kinesis.DescribeStreamSummaryInput{StreamName: aws.String(stream)})
	must(err)
	registered, err := client.RegisterStreamConsumer(ctx, &kinesis.RegisterStreamConsumerInput{
		StreamARN:    described.StreamDescriptionSummary.StreamARN,
		ConsumerName: aws.String("go"),
	})
	must(err)
	for {
		consumer, err := client.DescribeStreamConsumer(ctx, &kinesis.DescribeStreamConsumerInput{ConsumerARN: registered.Consumer.ConsumerARN})
		must(err)
		if consumer.ConsumerDescription.ConsumerStatus == types.ConsumerStatusActive {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	position := &types.StartingPosition{Type: types.ShardIteratorTypeTrimHorizon}
	for pushed := 0; pushed < records; {
		subscription, err := client.SubscribeToShard(ctx, &kinesis.SubscribeToShardInput{
			ConsumerARN:      registered.Consumer.ConsumerARN,
			ShardId:          aws.String("shardId-000000000000"),
			StartingPosition: position,
		})
		// Consumers must subscribe again when a subscription ends, and cannot for five seconds after the last call. On a
		// busy machine the SDK itself breaks one in a hundred: smithy-go closes the request's body when the response
		// begins, net/http may then still probe that body for its end, takes the io.EOF of its WriteTo for a failed
		// write, and closes the connection. If the SDK was still waiting for the initial response, it has called again.
		var inUse *types.ResourceInUseException
		if errors.As(err, &inUse) {
			time.Sleep(500 * time.Millisecond)
			continue
		}
		must(err)
		events := subscription.GetStream()
		for event := range events.Events() {
			shardEvent, is := event.(*types.SubscribeToShardEventStreamMemberSubscribeToShardEvent)
			check(is, "an event of another kind: %v", event)
			pushed += len(shardEvent.Value.Records)
			position = &types.StartingPosition{
				Type:           types.ShardIteratorTypeAfterSequenceNumber,
				SequenceNumber: shardEvent.Value.ContinuationSequenceNumber,
			}
			if pushed >= records {
				break
			}
		}
		must(events.Close())
		check(pushed <= records, "%d records are pushed, %d were put", pushed, records)
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

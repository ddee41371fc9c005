// A function with AWS's own client for the Runtime API.
package main

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
)

type answer struct {
	Event map[string]any `json:"event"`
	Arn   string         `json:"arn"`
	Left  bool           `json:"left"`
}

func handle(ctx context.Context, event map[string]any) (answer, error) {
	switch event["form"] {
	case "fail":
		return answer{}, errors.New("no")
	case "panic":
		panic("oh")
	case "sleep":
		time.Sleep(time.Hour)
	}
	function, _ := lambdacontext.FromContext(ctx)
	deadline, _ := ctx.Deadline()
	return answer{event, function.InvokedFunctionArn, time.Until(deadline) > time.Second}, nil
}

func main() {
	lambda.Start(handle)
}

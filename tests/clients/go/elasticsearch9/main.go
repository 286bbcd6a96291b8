// Elasticsearch's Go client of version 9.
package main

import (
	"context"
	"io"

	"clients/script"

	elasticsearch "github.com/elastic/go-elasticsearch/v9"
	"github.com/elastic/go-elasticsearch/v9/esapi"
)

type client struct{ *elasticsearch.Client }

func main() {
	script.Run(func(url string, compresses bool) (script.Client, error) {
		config := elasticsearch.Config{Addresses: []string{url}, CompressRequestBody: compresses}
		connected, err := elasticsearch.NewClient(config)
		return client{connected}, err
	})
}

func answer(response *esapi.Response, err error) (*script.Answer, error) {
	if err != nil {
		return nil, err
	}
	return &script.Answer{Status: response.StatusCode, Header: response.Header, Body: response.Body}, nil
}

func (c client) Info() (*script.Answer, error) { return answer(c.Client.Info()) }

func (c client) Ping() (*script.Answer, error) { return answer(c.Client.Ping()) }

func (c client) PutJob(id string, job io.Reader) (*script.Answer, error) {
	return answer(esapi.MLPutJobRequest{JobID: id, Body: job}.Do(context.Background(), c.Client))
}

func (c client) GetJob(id string) (*script.Answer, error) {
	return answer(c.ML.GetJobs(c.ML.GetJobs.WithJobID(id)))
}

func (c client) OpenJob(id string) (*script.Answer, error) { return answer(c.ML.OpenJob(id)) }

func (c client) DeleteJob(id string) (*script.Answer, error) { return answer(c.ML.DeleteJob(id)) }

func (c client) ListJobs() (*script.Answer, error) { return answer(c.ML.GetJobs()) }

func (c client) UpdateJob(id string, update io.Reader) (*script.Answer, error) {
	return answer(c.ML.UpdateJob(id, update))
}

func (c client) ValidateJob(job io.Reader) (*script.Answer, error) { return answer(c.ML.Validate(job)) }

func (c client) ValidateDetector(detector io.Reader) (*script.Answer, error) {
	return answer(c.ML.ValidateDetector(detector))
}

func (c client) Index(index, id string, document io.Reader) (*script.Answer, error) {
	return answer(c.Client.Index(index, document, c.Client.Index.WithDocumentID(id), c.Client.Index.WithRefresh("true")))
}

func (c client) Get(index, id string) (*script.Answer, error) { return answer(c.Client.Get(index, id)) }

func (c client) Search(index string, body io.Reader) (*script.Answer, error) {
	return answer(c.Client.Search(c.Client.Search.WithIndex(index), c.Client.Search.WithBody(body)))
}

func (c client) Bulk(body io.Reader) (*script.Answer, error) {
	return answer(c.Client.Bulk(body, c.Client.Bulk.WithRefresh("true")))
}

func (c client) DeleteByQuery(index string, body io.Reader) (*script.Answer, error) {
	refresh := c.Client.DeleteByQuery.WithRefresh(true)
	return answer(c.Client.DeleteByQuery([]string{index}, body, refresh))
}

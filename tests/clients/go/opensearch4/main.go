// OpenSearch's Go client.
package main

import (
	"io"
	"net/http"

	"clients/script"

	"github.com/opensearch-project/opensearch-go/v4"
	"github.com/opensearch-project/opensearch-go/v4/opensearchapi"
)

type client struct{ *opensearch.Client }

func main() {
	script.Run(func(url string, compresses bool) (script.Client, error) {
		config := opensearch.Config{Addresses: []string{url}, CompressRequestBody: compresses}
		connected, err := opensearch.NewClient(config)
		return client{connected}, err
	})
}

// do makes a request as opensearchapi's own calls do, short of parsing the answer into a type.
func (c client) do(method string, request opensearch.Request) (*script.Answer, error) {
	made, err := request.GetRequest(method)
	if err != nil {
		return nil, err
	}
	return c.answer(made)
}

func (c client) answer(request *http.Request) (*script.Answer, error) {
	response, err := c.Perform(request)
	if err != nil {
		return nil, err
	}
	return &script.Answer{Status: response.StatusCode, Header: response.Header, Body: response.Body}, nil
}

func (c client) job(method, path string, body io.Reader) (*script.Answer, error) {
	request, err := http.NewRequest(method, "/_ml/anomaly_detectors/"+path, body)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	return c.answer(request)
}

func (c client) Info() (*script.Answer, error) { return c.do("GET", opensearchapi.InfoReq{}) }

func (c client) Ping() (*script.Answer, error) { return c.do("HEAD", opensearchapi.PingReq{}) }

func (c client) PutJob(id string, job io.Reader) (*script.Answer, error) {
	return c.job("PUT", id, job)
}

func (c client) GetJob(id string) (*script.Answer, error) { return c.job("GET", id, nil) }

func (c client) OpenJob(id string) (*script.Answer, error) { return c.job("POST", id+"/_open", nil) }

func (c client) DeleteJob(id string) (*script.Answer, error) { return c.job("DELETE", id, nil) }

func (c client) Index(index, id string, document io.Reader) (*script.Answer, error) {
	parameters := opensearchapi.IndexParams{Refresh: "true"}
	return c.do("PUT", opensearchapi.IndexReq{Index: index, DocumentID: id, Body: document, Params: parameters})
}

func (c client) Get(index, id string) (*script.Answer, error) {
	return c.do("GET", opensearchapi.DocumentGetReq{Index: index, DocumentID: id})
}

func (c client) Search(index string, body io.Reader) (*script.Answer, error) {
	return c.do("POST", &opensearchapi.SearchReq{Indices: []string{index}, Body: body})
}

func (c client) Bulk(body io.Reader) (*script.Answer, error) {
	return c.do("POST", opensearchapi.BulkReq{Body: body, Params: opensearchapi.BulkParams{Refresh: "true"}})
}

func (c client) DeleteByQuery(index string, body io.Reader) (*script.Answer, error) {
	return c.do("POST", opensearchapi.DocumentDeleteByQueryReq{Indices: []string{index}, Body: body})
}

// Package script is what every client does, in Go: a program of it takes URL, the URL of an upstream that is
// unavailable at first, and the file of jobs; or URL and the file of jobs, for a job's life.
package script

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
)

const (
	index     = "clients"
	megabytes = 4
)

// Client is a client of the product: the calls that are its own methods, and one for the others.
type Client interface {
	Info() (*Answer, error)
	Ping() (*Answer, error)
	PutJob(id string, job io.Reader) (*Answer, error)
	GetJob(id string) (*Answer, error)
	OpenJob(id string) (*Answer, error)
	DeleteJob(id string) (*Answer, error)
	Index(index, id string, document io.Reader) (*Answer, error)
	Get(index, id string) (*Answer, error)
	Search(index string, body io.Reader) (*Answer, error)
	Bulk(body io.Reader) (*Answer, error)
	DeleteByQuery(index string, body io.Reader) (*Answer, error)
	Perform(request *http.Request) (*http.Response, error)
}

// Connect makes a client, which compresses its bodies if it is to.
type Connect func(url string, compresses bool) (Client, error)

// Run goes through the script with the program's arguments.
func Run(connect Connect) {
	if lives() {
		live(connected(connect, os.Args[1], false).(Jobs), readJobs(os.Args[2]))
		return
	}
	url, unavailable, jobs := os.Args[1], os.Args[2], readJobs(os.Args[3])
	client := connected(connect, url, false)
	step("info", client.Info)
	step("ping", client.Ping)
	createJobs(client, jobs)
	writeAndRead(client)
	scroll(client)
	largeBodies(client)
	compressed(connected(connect, url, true))
	look(client)
	step("delete by query", func() (*Answer, error) {
		return client.DeleteByQuery(index, strings.NewReader(`{"query":{"term":{"group.keyword":"g1"}}}`))
	})
	request(client, "delete document", "DELETE", "/clients/_doc/0", "")
	request(client, "nodes", "GET", "/_nodes/http", "")
	patient := connected(connect, unavailable, false)
	request(patient, "retries", "POST", "/clients/_count", "")
	request(client, "delete index", "DELETE", "/clients", "")
}

func connected(connect Connect, url string, compresses bool) Client {
	client, err := connect(url, compresses)
	if err != nil {
		panic(err)
	}
	return client
}

func readJobs(file string) map[string]json.RawMessage {
	text, err := os.ReadFile(file)
	if err != nil {
		panic(err)
	}
	var jobs map[string]json.RawMessage
	if err := json.Unmarshal(text, &jobs); err != nil {
		panic(err)
	}
	return jobs
}

// request makes a step of a call that goes straight to the client's transport.
func request(client Client, name, method, target, body string) map[string]any {
	return step(name, func() (*Answer, error) {
		request, err := http.NewRequest(method, target, strings.NewReader(body))
		if err != nil {
			return nil, err
		}
		if body == "" {
			request.Body, request.GetBody, request.ContentLength = nil, nil, 0
		} else {
			request.Header.Set("Content-Type", "application/json")
		}
		response, err := client.Perform(request)
		if err != nil {
			return nil, err
		}
		return &Answer{response.StatusCode, response.Header, response.Body}, nil
	})
}

func createJobs(client Client, jobs map[string]json.RawMessage) {
	create := func(name, id string) {
		step(name, func() (*Answer, error) { return client.PutJob(id, strings.NewReader(string(jobs[id]))) })
	}
	create("create job", "complete")
	create("create job again", "complete")
	create("create invalid job", "invalid")
	create("create deprecated job", "deprecated")
	request(client, "create job by the old path", "PUT", "/_xpack/ml/anomaly_detectors/old", string(jobs["complete"]))
	step("get job", func() (*Answer, error) { return client.GetJob("complete") })
	step("open job", func() (*Answer, error) { return client.OpenJob("complete") })
	step("delete job", func() (*Answer, error) { return client.DeleteJob("complete") })
}

func writeAndRead(client Client) {
	settings := `{"settings":{"number_of_shards":1,"number_of_replicas":0}}`
	request(client, "create index", "PUT", "/clients", settings)
	request(client, "create index again", "PUT", "/clients", settings)
	step("index", func() (*Answer, error) {
		return client.Index(index, "é-ü", strings.NewReader(`{"number":-1,"group":"é"}`))
	})
	request(client, "create document", "PUT", "/clients/_create/0", `{"number":0}`)
	request(client, "create document again", "PUT", "/clients/_create/0", `{"number":0}`)
	step("get", func() (*Answer, error) { return client.Get(index, "é-ü") })
	step("get of none", func() (*Answer, error) { return client.Get(index, "none") })
	request(client, "exists", "HEAD", "/clients/_doc/0", "")
	request(client, "exists of none", "HEAD", "/clients/_doc/none", "")
	step("bulk", func() (*Answer, error) { return client.Bulk(bulkOf(index, 20, "the text")) })
	search(client, "search", index, `{"query":{"range":{"number":{"gte":3}}},"sort":[{"number":"desc"}],`+
		`"aggs":{"groups":{"terms":{"field":"group.keyword"}}}}`)
	search(client, "search with a mistake", index, `{"query":{"no_such_query":{}}}`)
	search(client, "search in no index", "none", `{}`)
	request(client, "count", "GET", "/clients/_count", "")
}

func search(client Client, name, index, body string) {
	step(name, func() (*Answer, error) { return client.Search(index, strings.NewReader(body)) })
}

func bulkOf(index string, count int, text string) io.Reader {
	var lines strings.Builder
	for number := range count {
		fmt.Fprintf(&lines, "{\"index\":{\"_index\":%q,\"_id\":\"%d\"}}\n", index, number)
		fmt.Fprintf(&lines, "{\"number\":%d,\"group\":\"g%d\",\"text\":%q}\n", number, number%3, text)
	}
	return strings.NewReader(lines.String())
}

func scroll(client Client) {
	page := request(client, "scroll, first page", "POST", "/clients/_search?scroll=1m", `{"size":8,"sort":["_doc"]}`)
	for _, name := range []string{"second", "third", "last"} {
		body := fmt.Sprintf(`{"scroll_id":%q,"scroll":"1m"}`, page["_scroll_id"])
		page = request(client, "scroll, "+name+" page", "POST", "/_search/scroll", body)
	}
	// A body on DELETE.
	request(client, "clear scroll", "DELETE", "/_search/scroll", fmt.Sprintf(`{"scroll_id":%q}`, page["_scroll_id"]))
}

func largeBodies(client Client) {
	request(client, "create index of large documents", "PUT", "/clients-large", `{"mappings":{"dynamic":false}}`)
	large := fmt.Sprintf(`{"unsearched":%q}`, strings.Repeat("ä", megabytes<<19))
	step("index large document", func() (*Answer, error) {
		return client.Index("clients-large", "large", strings.NewReader(large))
	})
	step("get large document", func() (*Answer, error) { return client.Get("clients-large", "large") })
	lines, err := io.ReadAll(bulkOf("clients-large", 2000, strings.Repeat("x", 2000)))
	if err != nil {
		panic(err)
	}
	request(client, "large bulk", "POST", "/_bulk?refresh=true&filter_path=errors,items.*.status", string(lines))
}

func compressed(client Client) {
	step("compressed bulk", func() (*Answer, error) { return client.Bulk(bulkOf(index, 200, "the text")) })
	search(client, "compressed search", index, `{"size":200,"sort":[{"number":"asc"}]}`)
	text := fmt.Sprintf(`{"text":%q}`, strings.Repeat("x", 100000))
	step("compressed index", func() (*Answer, error) { return client.Index(index, "gzip", strings.NewReader(text)) })
	step("compressed get", func() (*Answer, error) { return client.Get(index, "gzip") })
}

func look(client Client) {
	request(client, "cat indices", "GET", "/_cat/indices/clients*?v&h=health,index,pri,rep,docs.count&s=index", "")
	request(client, "cat count as JSON", "GET", "/_cat/count/clients?format=json&h=count", "")
	request(client, "health", "GET", "/_cluster/health/clients", "")
	request(client, "mapping", "GET", "/clients/_mapping", "")
	request(client, "no such path", "GET", "/_no/such/path?pretty", "")
}

package script

import (
	"encoding/json"
	"io"
	"os"
	"strings"
)

const change = `{"description":"changed","groups":["a-group"]}`

// Jobs is a client that has methods for a job's whole life.
type Jobs interface {
	Client
	ValidateJob(job io.Reader) (*Answer, error)
	ValidateDetector(detector io.Reader) (*Answer, error)
	ListJobs() (*Answer, error)
	UpdateJob(id string, update io.Reader) (*Answer, error)
}

// lives says whether the arguments are those of a job's life: URL and the file of jobs.
func lives() bool { return len(os.Args) == 3 }

// live takes a job from its creation to its deletion.
func live(client Jobs, jobs map[string]json.RawMessage) {
	call := func(name string, made func(io.Reader) (*Answer, error), body string) {
		step(name, func() (*Answer, error) { return made(strings.NewReader(body)) })
	}
	of := func(name string, made func(string) (*Answer, error), id string) {
		step(name, func() (*Answer, error) { return made(id) })
	}
	create := func(name, id string) {
		call(name, func(job io.Reader) (*Answer, error) { return client.PutJob(id, job) }, string(jobs[id]))
	}
	update := func(name, id, body string) {
		call(name, func(update io.Reader) (*Answer, error) { return client.UpdateJob(id, update) }, body)
	}
	call("validate job", client.ValidateJob, string(jobs["complete"]))
	call("validate invalid job", client.ValidateJob, string(jobs["invalid"]))
	call("validate detector", client.ValidateDetector, detector(jobs["complete"]))
	call("validate invalid detector", client.ValidateDetector, detector(jobs["invalid"]))
	step("list no jobs", client.ListJobs)
	create("create job", "complete")
	create("create another job", "deprecated")
	of("get job", client.GetJob, "complete")
	step("list jobs", client.ListJobs)
	update("update job", "complete", change)
	of("get jobs of a group", client.GetJob, "a-group")
	update("update job in vain", "complete", `{"groups":["deprecated"]}`)
	update("update no job", "none", change)
	of("open job", client.OpenJob, "complete")
	of("delete job", client.DeleteJob, "complete")
	of("get deleted job", client.GetJob, "complete")
	of("delete deleted job", client.DeleteJob, "complete")
	step("list what is left", client.ListJobs)
}

// detector is the first one of a job.
func detector(job json.RawMessage) string {
	var read struct {
		Config struct {
			Detectors []json.RawMessage `json:"detectors"`
		} `json:"analysis_config"`
	}
	if err := json.Unmarshal(job, &read); err != nil {
		panic(err)
	}
	return string(read.Config.Detectors[0])
}

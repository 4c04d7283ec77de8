package tests

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/retort-go/retort"
)

// blueprintSpec describes a blueprint.
type blueprintSpec struct {
	Name      string  `json:"name"`
	URLPrefix *string `json:"url_prefix"`
	Subdomain *string `json:"subdomain"`
	scopeSpec
	BeforeAppRequest   []steps       `json:"before_app_request"`
	AfterAppRequest    []steps       `json:"after_app_request"`
	TeardownAppRequest []steps       `json:"teardown_app_request"`
	AppErrorHandlers   []handlerSpec `json:"app_error_handlers"`
	StaticFolder       string        `json:"static_folder"`
	StaticURLPath      *string       `json:"static_url_path"`
	Register           registrations `json:"register"`
}

// registrations are the arguments of register_blueprint, once or several times.
type registrations []registerSpec

type registerSpec struct {
	Name      string  `json:"name"`
	URLPrefix *string `json:"url_prefix"`
	Subdomain *string `json:"subdomain"`
}

func (r *registrations) UnmarshalJSON(data []byte) error {
	if bytes.HasPrefix(data, []byte("[")) {
		return json.Unmarshal(data, (*[]registerSpec)(r))
	}
	*r = make(registrations, 1)
	return json.Unmarshal(data, &(*r)[0])
}

// all are the steps of the blueprint and of those in it.
func (spec *blueprintSpec) all() []steps {
	all := slices.Concat(spec.scopeSpec.all(), spec.BeforeAppRequest, spec.AfterAppRequest, spec.TeardownAppRequest)
	for _, h := range spec.AppErrorHandlers {
		all = append(all, h.View)
	}
	return all
}

// addBlueprint builds and registers a blueprint. Each registration has one of
// its own, because the views of a prefix with variables have more parameters.
func (a *replayApp) addBlueprint(to scaffold, spec *blueprintSpec, app *appSpec, outer string) {
	all := spec.Register
	if len(all) == 0 {
		all = registrations{{}}
	}
	for i := range all {
		r := &all[i]
		prefix := outer
		if r.URLPrefix != nil {
			prefix += *r.URLPrefix
		} else if spec.URLPrefix != nil {
			prefix += *spec.URLPrefix
		}
		bp := retort.NewBlueprint(spec.Name, spec.options(app)...)
		if i == 0 {
			a.addAppWide(bp, spec)
		}
		if app.URLValueTrace {
			bp.URLValuePreprocessor(a.traceURLValues)
		}
		a.addScope(bp, &spec.scopeSpec, prefix)
		for j := range spec.Blueprints {
			a.addBlueprint(bp, &spec.Blueprints[j], app, prefix)
		}
		to.RegisterBlueprint(bp, r.options()...)
	}
}

func (a *replayApp) addAppWide(bp *retort.Blueprint, spec *blueprintSpec) {
	for _, s := range spec.BeforeAppRequest {
		bp.BeforeAppRequest(a.before(s))
	}
	for _, s := range spec.AfterAppRequest {
		bp.AfterAppRequest(a.after(s))
	}
	for _, s := range spec.TeardownAppRequest {
		bp.TeardownAppRequest(a.teardown(s))
	}
	for i := range spec.AppErrorHandlers {
		h := &spec.AppErrorHandlers[i]
		bp.RecordOnce(func(s *retort.SetupState) { a.addErrorHandler(s.App, h) })
	}
}

func (spec *blueprintSpec) options(app *appSpec) []retort.BlueprintOption {
	var list []retort.BlueprintOption
	if spec.URLPrefix != nil {
		list = append(list, retort.URLPrefix(*spec.URLPrefix))
	}
	if spec.Subdomain != nil {
		list = append(list, retort.Subdomain(*spec.Subdomain))
	}
	if app.root != "" {
		list = append(list, retort.RootPath(app.root))
	}
	if spec.StaticFolder != "" {
		list = append(list, retort.StaticFolder(spec.StaticFolder))
	}
	if spec.StaticURLPath != nil {
		list = append(list, retort.StaticURLPath(*spec.StaticURLPath))
	}
	return list
}

func (r *registerSpec) options() []retort.RegistrationOption {
	var list []retort.RegistrationOption
	if r.Name != "" {
		list = append(list, retort.Name(r.Name))
	}
	if r.URLPrefix != nil {
		list = append(list, retort.URLPrefix(*r.URLPrefix))
	}
	if r.Subdomain != nil {
		list = append(list, retort.Subdomain(*r.Subdomain))
	}
	return list
}

// traceURLValues writes what a URL value preprocessor is called with.
func (a *replayApp) traceURLValues(_ *retort.Context, endpoint string, values retort.H) {
	if endpoint == "" {
		endpoint = "None"
	}
	a.trace = append(a.trace, fmt.Sprintf("uvp %s %v", endpoint, slices.Sorted(maps.Keys(values))))
}

{{/* Every object's name begins with this. Cut so that the longest (…-indexer-sixteencharacters) has 63. */}}
{{- define "eventsec.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- $full := ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) -}}
{{- default $full .Values.fullnameOverride | trunc 36 | trimSuffix "-" -}}
{{- end }}

{{/* What pods are found by; never changes over an upgrade. Given (dict "root" $ "name" …). */}}
{{- define "eventsec.selector" -}}
app.kubernetes.io/name: {{ default .root.Chart.Name .root.Values.nameOverride | trunc 63 }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- with .name }}
app.kubernetes.io/component: {{ . }}
{{- end }}
{{- end }}

{{- define "eventsec.labels" -}}
{{ include "eventsec.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" | trunc 63 }}
{{- end }}

{{/* Given (dict "root" $ "of" "services" or "web"). */}}
{{- define "eventsec.image" -}}
{{- $image := .root.Values.image -}}
{{- $tag := default .root.Chart.AppVersion $image.tag -}}
{{- $name := join "/" (compact (list $image.registry (get $image .of))) -}}
{{- printf "%s%s%s" $name (ternary "@" ":" (hasPrefix "sha256:" $tag)) $tag -}}
{{- end }}

{{- define "eventsec.serviceAccount" -}}
{{- default (include "eventsec.fullname" .) .Values.serviceAccount.name -}}
{{- end }}

{{/*
What runs, as a list that every template goes through: name (also the component's label), the process it is, its
port, its part of the values, and of the indexer its roles. A group of the indexer has the indexer's values but for
what it says itself.
*/}}
{{- define "eventsec.workloads" -}}
- {name: ingest, process: ingest, port: 8080, values: {{ toJson .Values.ingest }}}
- {name: api, process: api, port: 8081, values: {{ toJson .Values.api }}}
{{- range .Values.indexer.groups }}
{{- $values := mustMergeOverwrite (omit $.Values.indexer "groups" | deepCopy) (omit . "name" "roles" | deepCopy) }}
- name: {{ list "indexer" .name | compact | join "-" }}
  process: indexer
  port: 8082
  roles: {{ toJson .roles }}
  values: {{ toJson $values }}
{{- end }}
- {name: web, process: web, port: 8080, values: {{ merge (dict "scaling" (dict "by" "none")) .Values.web | toJson }}}
{{- end }}

{{/* How many pods a workload has at least. */}}
{{- define "eventsec.least" -}}
{{- ternary .values.replicas .values.scaling.min (eq .values.scaling.by "none") -}}
{{- end }}

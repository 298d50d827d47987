{{/* What a schema cannot say; ends the rendering with a sentence. */}}
{{- define "eventsec.check" -}}
{{- $roles := list -}}
{{- range .Values.indexer.groups }}{{ $roles = concat $roles .roles }}{{ end -}}
{{- range list "writer" "projector" "relay" "notifier" "maintenance" }}
{{- if not (has . $roles) }}
{{- fail (printf "indexer.groups: no group has the role %s" .) }}
{{- end }}
{{- end }}
{{- $names := list -}}
{{- range include "eventsec.workloads" . | fromYamlArray }}
{{- if has .name $names }}
{{- fail (printf "indexer.groups: two are named %s" .name) }}
{{- end }}
{{- $names = append $names .name }}
{{- if gt (int .values.scaling.min) (int .values.scaling.max) }}
{{- fail (printf "%s.scaling: min is more than max" .name) }}
{{- end }}
{{- end }}
{{- with .Values.rabbitmq }}
{{- $begin := trimSuffix "_ingest" .users.ingest }}
{{- if .makeUsers }}
{{- if not .management.enabled }}
{{- fail "rabbitmq.makeUsers: users are made over the management API; enable it" }}
{{- end }}
{{- range list "ingest" "indexer" "api" }}
{{- if ne (get $.Values.rabbitmq.users .) (printf "%s_%s" $begin .) }}
{{- fail (printf "rabbitmq.makeUsers: the %s user will be called %s_%s; say so in rabbitmq.users" . $begin .) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- if include "eventsec.oneApi" . }}
{{- if or (ne .Values.api.scaling.by "none") (gt (int .Values.api.replicas) 1) }}
{{- fail "evidence.volume: ReadWriteOnce is for one api; several need ReadWriteMany or evidence.store=s3" }}
{{- end }}
{{- end }}
{{- if and (eq .Values.evidence.store "s3") (not (and .Values.evidence.s3.url .Values.evidence.s3.bucket .Values.evidence.s3.accessKey)) }}
{{- fail "evidence.s3: url, bucket and accessKey are needed, or evidence.store=volume" }}
{{- end }}
{{- if and (eq .Values.evidence.store "s3") .Values.networkPolicy.enabled }}
{{- $url := urlParse .Values.evidence.s3.url }}
{{- $port := regexFind ":[0-9]+$" $url.host | trimPrefix ":" | default (ternary "443" "80" (eq $url.scheme "https")) }}
{{- $open := list }}
{{- range .Values.networkPolicy.outgoing.ports }}{{ $open = append $open (toString .) }}{{ end }}
{{- if not (has $port $open) }}
{{- fail (printf "evidence.s3.url: networkPolicy.outgoing.ports lacks its port %s" $port) }}
{{- end }}
{{- end }}
{{- end }}

{{/* Not empty where evidence is on a volume that one node has at a time. */}}
{{- define "eventsec.oneApi" -}}
{{- with .Values.evidence }}
{{- if and (eq .store "volume") (has .volume.accessMode (list "ReadWriteOnce" "ReadWriteOncePod")) }}yes{{ end }}
{{- end }}
{{- end }}

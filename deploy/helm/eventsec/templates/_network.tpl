{{/* Who one workload's pods may talk to. Given (dict "root" $ "name" … "process" … "roles" … "port" … "hook" …). */}}
{{- define "eventsec.networkPolicy" -}}
{{- $naming := dict "root" .root "name" .name -}}
{{- $policy := .root.Values.networkPolicy -}}
{{- $rabbitmq := .root.Values.rabbitmq -}}
{{- $calls := or (eq .process "api") (has "notifier" (.roles | default list)) -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ include "eventsec.fullname" .root }}-{{ .name }}
  labels: {{ include "eventsec.labels" $naming | nindent 4 }}
  {{- if .hook }}
  annotations:
    # Before the Job it is for, whatever the release before allowed.
    helm.sh/hook: pre-install,pre-upgrade
    helm.sh/hook-weight: "-10"
    helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
  {{- end }}
spec:
  podSelector:
    matchLabels: {{ include "eventsec.selector" $naming | nindent 6 }}
  policyTypes: [Ingress, Egress]
  {{- if eq .process "web" }}
  ingress:
    - ports: [{port: {{ .port }}}]
      {{- with $policy.webFrom }}
      from: {{ toYaml . | nindent 8 }}
      {{- end }}
  {{- else if .port }}
  ingress:
    {{- if ne .process "indexer" }}
    - ports: [{port: {{ .port }}}]
      from: {{ include "eventsec.peers" (dict "root" .root "processes" (list "web")) | nindent 8 }}
    {{- end }}
    {{- with .root.Values.metrics.namespace }}
    - ports: [{port: {{ $.port }}}]
      from:
        - namespaceSelector:
            matchLabels: {kubernetes.io/metadata.name: {{ . }}}
    {{- end }}
  {{- end }}
  egress:
    # Names are asked of whoever serves them.
    - ports: [{port: 53, protocol: UDP}, {port: 53, protocol: TCP}]
    {{- if eq .process "web" }}
    - ports: [{port: 8080}, {port: 8081}]
      to: {{ include "eventsec.peers" (dict "root" .root "processes" (list "ingest" "api")) | nindent 8 }}
    {{- end }}
    {{- if has .process (list "ingest" "indexer" "api" "migrate") }}
    - ports: [{port: {{ .root.Values.postgres.port }}}]
      {{- include "eventsec.to" $policy.postgres | nindent 6 }}
    - ports: [{port: {{ $rabbitmq.port }}}{{ if include "eventsec.managesRabbitmq" . }}, {port: {{ $rabbitmq.management.port }}}{{ end }}]
      {{- include "eventsec.to" $policy.rabbitmq | nindent 6 }}
    {{- end }}
    {{- if has .process (list "indexer" "api" "templates") }}
    - ports: [{port: {{ .root.Values.opensearch.port }}}]
      {{- include "eventsec.to" $policy.opensearch | nindent 6 }}
    {{- end }}
    {{- if and $calls $policy.outgoing.ports }}
    - ports:
        {{- range $policy.outgoing.ports }}
        - {port: {{ . }}}
        {{- end }}
      {{- include "eventsec.to" $policy.outgoing.to | nindent 6 }}
    {{- end }}
{{- end }}

{{- define "eventsec.to" -}}
{{- with . -}}
to: {{ toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* Our own pods of some processes. */}}
{{- define "eventsec.peers" -}}
- podSelector:
    matchLabels: {{ include "eventsec.selector" (dict "root" .root) | nindent 6 }}
    matchExpressions:
      - {key: eventsec/process, operator: In, values: {{ toJson .processes }}}
{{- end }}

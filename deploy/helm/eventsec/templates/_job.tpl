{{/* A container that runs one of the migrate programs. Given (dict "root" … "process" … "settings" … "name" … "module" …). */}}
{{- define "eventsec.migrateContainer" -}}
- name: {{ .name }}
  image: {{ include "eventsec.image" (dict "root" .root "of" "services") }}
  imagePullPolicy: {{ .root.Values.image.pullPolicy }}
  command: [python, -m, {{ .module }}]
  env:
    {{- range $name, $value := .settings }}
    - {name: {{ $name }}, value: {{ $value | quote }}}
    {{- end }}
  resources: {{ toYaml (get .root.Values .process).resources | nindent 4 }}
  securityContext: {{ include "eventsec.containerSecurity" .root | nindent 4 }}
  volumeMounts: {{ include "eventsec.volumeMounts" . | nindent 4 }}
{{- end }}

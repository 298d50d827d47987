import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { api, read } from '@/api/client';
import { ifMatch } from '@/api/preconditions';
import { asApiError } from '@/api/problem';
import type { components } from '@/api/schema';
import { complain, say } from '@/ui/toast';

export type Template = components['schemas']['TemplateRead'];
export type TemplateWrite = components['schemas']['TemplateWrite'];
type TemplateCreate = components['schemas']['TemplateCreate'];

const PAGE = 100;

/** Templates by name: those that are offered, or those that are no longer. */
export const templatesQuery = (retired: boolean) =>
  infiniteQueryOptions({
    queryKey: ['incident-templates', 'list', { retired }],
    queryFn: ({ pageParam, signal }) => {
      const query = { limit: PAGE, retired, ...(pageParam && { cursor: pageParam }) };
      return read(api.GET('/api/v1/incident-templates', { params: { query }, signal }));
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor ?? null,
  });

export const templateQuery = (id: string) =>
  queryOptions({
    queryKey: ['incident-templates', 'one', id],
    queryFn: ({ signal }) =>
      read(api.GET('/api/v1/incident-templates/{template_id}', { params: { path: { template_id: id } }, signal })),
  });

function useKeep() {
  const client = useQueryClient();
  return (after: Template) => {
    client.setQueryData(templateQuery(after.id).queryKey, after);
    return client.invalidateQueries({ queryKey: ['incident-templates', 'list'] });
  };
}

/** Make a template. */
export function useCreateTemplate() {
  const keep = useKeep();
  return useMutation({
    mutationFn: (body: TemplateCreate) => read(api.POST('/api/v1/incident-templates', { body })),
    onSuccess: (after) => {
      say({ title: `Created: ${after.name}` });
      return keep(after);
    },
  });
}

/** Write a template anew. Where somebody was faster, theirs is put in the place of what was shown. */
export function useWriteTemplate(id: string) {
  const client = useQueryClient();
  const keep = useKeep();
  return useMutation({
    mutationFn: ({ body, revision }: { body: TemplateWrite; revision: number }) =>
      read(
        api.PUT('/api/v1/incident-templates/{template_id}', {
          params: { path: { template_id: id }, header: ifMatch(revision) },
          body,
        }),
      ),
    onSuccess: (after) => {
      say({ title: `Saved: ${after.name}` });
      return keep(after);
    },
    onError: (error) => {
      const { status, body } = asApiError(error);
      const current = status === 412 ? (body as { current?: Template }).current : undefined;
      if (current) client.setQueryData(templateQuery(id).queryKey, current);
    },
  });
}

/** Offer a template no longer. */
export function useRetireTemplate() {
  const keep = useKeep();
  return useMutation({
    mutationFn: (template: Template) =>
      read(
        api.POST('/api/v1/incident-templates/{template_id}/retire', { params: { path: { template_id: template.id } } }),
      ),
    onSuccess: (after) => {
      say({ title: `Retired: ${after.name}` });
      return keep(after);
    },
    onError: (error, { name }) => complain({ title: `Not retired: ${name}`, description: asApiError(error).message }),
  });
}

import { csrfHeader } from './client';
import { ApiError } from './problem';

interface Options {
  /** How much of it has gone, from 0 to 1. */
  onProgress: (share: number) => void;
  signal: AbortSignal;
}

/** Sends a file's bytes as they are, telling how far it is, which `fetch` cannot. Raises ApiError; `aborted` when told to stop. */
export function upload<T>(path: string, file: Blob, { onProgress, signal }: Options): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const fail = (code: string, detail: string) => reject(new ApiError(0, { code, detail }));
    request.open('POST', path);
    request.responseType = 'json';
    request.setRequestHeader('Content-Type', 'application/octet-stream');
    for (const [name, value] of Object.entries(csrfHeader())) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 0);
    request.onload = () => {
      if (request.status < 300) return resolve(request.response as T);
      const problem = typeof request.response === 'object' && request.response !== null ? request.response : {};
      return reject(new ApiError(request.status, { title: request.statusText, ...problem }, request.response));
    };
    request.onerror = () => fail('offline', 'The server cannot be reached, or it stopped the upload.');
    request.onabort = () => fail('aborted', 'The upload was cancelled.');
    signal.addEventListener('abort', () => request.abort(), { once: true });
    if (signal.aborted) return fail('aborted', 'The upload was cancelled.');
    request.send(file);
    return undefined;
  });
}

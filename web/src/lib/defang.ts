/** An address that nobody follows by mistake: `hxxps://evil[.]example`, `192[.]0[.]2[.]1`. */
export function defanged(value: string): string {
  return value
    .replace(/^(h)tt(ps?:)/i, '$1xx$2')
    .replace(/@/g, '[@]')
    .replace(/\./g, '[.]')
    .replace(/(?<=[0-9a-f]):(?=[0-9a-f:])/gi, (sign, _at: number, whole: string) =>
      /^[0-9a-f:]+$/i.test(whole) ? '[:]' : sign,
    );
}

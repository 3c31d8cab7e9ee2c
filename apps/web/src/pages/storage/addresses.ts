/** The e-mail addresses in what somebody wrote or pasted, each once. */
export const addressesIn = (text: string): string[] => [...new Set(text.split(/[\s,;]+/).filter((word) => word !== ''))]

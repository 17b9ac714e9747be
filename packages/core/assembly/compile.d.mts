export function compile(): Promise<string>

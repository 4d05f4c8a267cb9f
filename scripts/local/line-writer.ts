// Writes lines to a stream, those of one turn of the event loop together: a system call per line would
// compete with the Worker for the processor. The buffer holds one turn at most.

export function lineWriter(stream: NodeJS.WritableStream): (line: string) => void {
  let waiting = "";
  // A reader that left (`npm start | head`) must not end the router.
  stream.on("error", () => {});
  const flush = () => {
    const text = waiting;
    waiting = "";
    stream.write(text);
  };
  return (line) => {
    if (waiting === "") setImmediate(flush);
    waiting += `${line}\n`;
  };
}

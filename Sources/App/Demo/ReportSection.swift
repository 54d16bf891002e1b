/// The part of the home page that starts a report, and follows its job as server-sent events.
enum ReportSection {
    static let html = """
        <h2>A job, watched</h2>
        <p>A report takes some seconds. Its job says how far it is, and this page follows it:</p>
        <p><button id="start">Make a report</button> <button id="cancel" disabled>Cancel</button></p>
        <p><progress id="bar" value="0"></progress> <span id="words" role="status"></span></p>
        <script>
        const [start, cancel, bar, words] = ["start", "cancel", "bar", "words"].map(id => document.getElementById(id));
        const busy = isBusy => { start.disabled = isBusy; cancel.disabled = !isBusy; };
        start.onclick = async () => {
          busy(true);
          const answer = await fetch("/reports", { method: "POST" }).catch(() => null);
          if (!answer || !answer.ok) {
            words.textContent = answer ? await answer.text() : "The server does not answer.";
            return busy(false);
          }
          const job = answer.headers.get("Location");
          const events = new EventSource(job + "/events");
          const show = event => {
            const { fraction, message, state, result, error } = JSON.parse(event.data);
            bar.value = fraction;
            words.textContent = result ? `done: ${result.pages} pages for ${result.user}` : error || message || state;
          };
          events.addEventListener("progress", show);
          events.addEventListener("end", event => { show(event); events.close(); busy(false); });
          events.onerror = () => {
            // Otherwise the browser tries again by itself.
            if (events.readyState !== EventSource.CLOSED) return;
            words.textContent = "The job is gone.";
            busy(false);
          };
          cancel.onclick = () => fetch(job, { method: "DELETE" });
        };
        </script>
        """
}

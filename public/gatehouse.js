/** Small comforts on pages that work without them. */
const every = (selector, act) => document.querySelectorAll(selector).forEach(act);

function focusErrors() {
  document.querySelector('[data-error-summary]')?.focus();
  every('[data-error-summary] a', (link) => {
    link.addEventListener('click', (event) => {
      const field = document.getElementById(link.hash.slice(1));
      if (!field) return;
      event.preventDefault();
      field.focus();
    });
  });
}

function revealPasswords() {
  every('[data-reveal]', (button) => {
    const input = document.getElementById(button.dataset.reveal);
    const show = (isShown) => {
      input.type = isShown ? 'text' : 'password';
      button.textContent = isShown ? 'Hide' : 'Show';
      button.setAttribute('aria-label', isShown ? 'Hide password' : 'Show password');
    };
    button.hidden = false;
    button.addEventListener('click', () => show(input.type === 'password'));
    // A browser keeps what was typed into a text field, so it goes out as a password again.
    input.form.addEventListener('submit', () => show(false));
  });
}

/** Takes what is no digit out of a pasted code and lights the next box; it never sends the form. */
function tidyCodes() {
  every('[data-code]', (input) => {
    const tidy = () => {
      const digits = input.value.normalize('NFKC').replace(/\D/g, '').slice(0, 6);
      if (digits !== input.value) input.value = digits;
      input.parentElement.dataset.filled = String(digits.length);
    };
    input.addEventListener('input', (event) => event.isComposing || tidy());
    input.addEventListener('compositionend', tidy);
    tidy();
  });
}

/** Greys a button once its form is sent. Nothing is blocked: the server ends a second post like the first. */
function greySentButtons() {
  const restore = (button) => button.removeAttribute('aria-disabled');
  every('[data-once]', (button) => {
    button.form.addEventListener('submit', () => {
      button.setAttribute('aria-disabled', 'true');
      setTimeout(() => restore(button), 10_000);
    });
  });
  window.addEventListener('pageshow', () => every('[data-once]', restore));
}

/** A switch that needs another one is usable as soon as that one is on, saved or not. */
function followSwitches() {
  every('[data-while-off]', (words) => {
    const needed = document.getElementById(words.dataset.whileOff);
    const follower = document.getElementById(words.dataset.disables);
    const follow = () => {
      words.hidden = needed.checked;
      follower.disabled = !needed.checked;
      if (!needed.checked) follower.checked = false;
    };
    needed.addEventListener('change', follow);
    window.addEventListener('pageshow', follow);
  });
}

/** Counts the seconds down until another code can be sent. The server judges; without the script the page says how long it was. */
function countDown() {
  every('[data-countdown]', (words) => {
    const number = words.querySelector('[data-seconds]');
    const end = performance.now() + Number(words.dataset.countdown) * 1000;
    const timer = setInterval(() => {
      const left = Math.ceil((end - performance.now()) / 1000);
      number.textContent = String(Math.max(0, left));
      if (left > 0) return;
      clearInterval(timer);
      words.hidden = true;
    }, 500);
  });
}

/** Print and Copy stand there only where they work. */
function offerPrintAndCopy() {
  every('[data-print]', (button) => {
    button.hidden = false;
    button.addEventListener('click', () => window.print());
  });
  every('[data-copy]', (button) => {
    if (!navigator.clipboard) return;
    button.hidden = false;
    button.addEventListener('click', async () => {
      const lines = [...document.querySelectorAll(`#${button.dataset.copy} li`)].map((line) => line.textContent.trim());
      await navigator.clipboard.writeText(lines.join('\n'));
      every('[data-copied]', (words) => (words.textContent = 'Copied.'));
    });
  });
}

focusErrors();
revealPasswords();
tidyCodes();
greySentButtons();
followSwitches();
countDown();
offerPrintAndCopy();

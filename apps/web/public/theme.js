// Before anything is drawn: dark or light, as chosen on this computer or as the system says.
;(() => {
  let chosen = 'system'
  try {
    chosen = localStorage.getItem('theme') ?? 'system'
  } catch {}
  const dark = chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches)
  document.body.classList.toggle('awsui-dark-mode', dark)
})()

import './images.css'

const COLOURS: Record<string, string> = {
  debian: '#c70036',
  ubuntu: '#d9480f',
  fedora: '#294172',
  centos: '#7a2a8a',
  archlinux: '#1272a8',
  opensuse: '#4d7f12',
  gentoo: '#54487a',
  rhel: '#b30000',
  windows: '#0067b8',
  freebsd: '#990000',
  openbsd: '#8a6d00',
  netbsd: '#d06000',
}

/** A coloured letter for an operating system, so that a list can be read at a glance. */
export function OsMark({ os }: { os: string | undefined }) {
  const name = os?.toLowerCase() ?? ''
  return (
    <span className="os-mark" style={{ background: COLOURS[name] ?? '#51607f' }} aria-hidden>
      {name.charAt(0) || '?'}
    </span>
  )
}

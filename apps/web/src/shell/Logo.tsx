import './logo.css'

export function Logo({ name }: { name: string }) {
  return (
    <span className="logo">
      <img src="/favicon.svg" alt="" width="30" height="30" />
      <span>{name}</span>
    </span>
  )
}

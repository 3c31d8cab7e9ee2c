import ButtonDropdown from '@cloudscape-design/components/button-dropdown'
import type { Person } from '@synnefo/clients/identity'
import { useNavigate } from 'react-router'
import { signOut } from './sign-out.ts'
import type { Theme } from './theme.ts'
import { chooseTheme, useTheme } from './theme.ts'

const THEMES: { id: Theme; text: string }[] = [
  { id: 'system', text: 'As the system' },
  { id: 'light', text: 'Light' },
  { id: 'dark', text: 'Dark' },
]

export function AccountMenu({ person }: { person: Person }) {
  const navigate = useNavigate()
  const theme = useTheme()
  const name = `${person.firstName} ${person.lastName}`.trim() || person.email
  return (
    <ButtonDropdown
      variant="normal"
      expandToViewport
      ariaLabel={`Account of ${name}`}
      mainAction={undefined}
      items={[
        { id: 'security', text: 'Sign-in and security', secondaryText: person.email },
        { id: 'access', text: 'API access' },
        {
          text: 'Appearance',
          items: THEMES.map(({ id, text }) => ({ id, text, itemType: 'checkbox' as const, checked: theme === id })),
        },
        { id: 'feedback', text: 'Contact' },
        { id: 'sign-out', text: 'Sign out' },
      ]}
      onItemClick={({ detail: { id } }) => {
        if (id === 'access' || id === 'security' || id === 'feedback') void navigate(`/${id}`)
        else if (id === 'sign-out') void signOut()
        else chooseTheme(id as Theme)
      }}
    >
      {name}
    </ButtonDropdown>
  )
}

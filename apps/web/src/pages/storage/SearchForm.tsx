import AttributeEditor from '@cloudscape-design/components/attribute-editor'
import Autosuggest from '@cloudscape-design/components/autosuggest'
import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import Select from '@cloudscape-design/components/select'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { metadataNames } from '../../cloud/files.ts'
import type { Comparison, Term } from './search-terms.ts'
import { COMPARISONS, FIRST, problemOf, takesValue } from './search-terms.ts'

interface SearchFormProps {
  containers: string[]
  /** Undefined for all. */
  container: string | undefined
  terms: Term[]
  onSearch: (container: string | undefined, terms: Term[]) => void
}

const ALL = { value: '', label: 'All containers' }

/** What is searched for, and where. */
export function SearchForm({ containers, container, terms: asked, onSearch }: SearchFormProps) {
  const [where, setWhere] = useState(container)
  const [terms, setTerms] = useState<Term[]>(asked.length === 0 ? [FIRST] : asked)
  const [tried, setTried] = useState(false)
  const { data: names } = useQuery({ ...metadataNames(where ?? ''), enabled: where !== undefined })
  const change = (index: number, part: Partial<Term>) =>
    setTerms(terms.map((term, each) => (each === index ? { ...term, ...part } : term)))
  const options = [ALL, ...containers.map((name) => ({ value: name, label: name }))]
  const wrong = (term: Term) => (tried ? problemOf(term) : undefined)
  return (
    <Container>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          setTried(true)
          if (terms.length > 0 && !terms.some(problemOf)) onSearch(where, terms)
        }}
      >
        <SpaceBetween size="m">
          <FormField label="Search in">
            <Select
              selectedOption={options.find(({ value }) => value === (where ?? '')) ?? ALL}
              options={options}
              onChange={({ detail }) => setWhere(detail.selectedOption.value || undefined)}
            />
          </FormField>
          <AttributeEditor<Term>
            items={terms}
            addButtonText="Add a condition"
            removeButtonText="Remove"
            removeButtonAriaLabel={({ name }) => `Remove the condition on ${name}`}
            isItemRemovable={() => terms.length > 1}
            onAddButtonClick={() => setTerms([...terms, { ...FIRST, name: '' }])}
            onRemoveButtonClick={({ detail: { itemIndex } }) => setTerms(terms.filter((_, index) => index !== itemIndex))}
            definition={[
              {
                label: 'Metadata',
                errorText: (term) => wrong(term)?.name,
                control: (term, index) => (
                  <Autosuggest
                    value={term.name}
                    options={(names ?? ['Tags']).map((value) => ({ value }))}
                    enteredTextLabel={(text) => `Use “${text}”`}
                    ariaLabel={`Name of metadata ${index + 1}`}
                    onChange={({ detail }) => change(index, { name: detail.value })}
                  />
                ),
              },
              {
                label: 'Comparison',
                control: (term, index) => (
                  <Select
                    selectedOption={COMPARISONS.find(({ value }) => value === term.comparison)!}
                    options={COMPARISONS}
                    ariaLabel={`Comparison ${index + 1}`}
                    onChange={({ detail }) => change(index, { comparison: detail.selectedOption.value as Comparison })}
                  />
                ),
              },
              {
                label: 'Value',
                errorText: (term) => wrong(term)?.value,
                control: (term, index) =>
                  takesValue(term.comparison) ? (
                    <Input
                      value={term.value}
                      autoComplete={false}
                      ariaLabel={`Value ${index + 1}`}
                      onChange={({ detail }) => change(index, { value: detail.value })}
                    />
                  ) : (
                    <span />
                  ),
              },
            ]}
          />
          {terms.length > 1 && (
            <p className="soft small">
              Of several “is there” one suffices; everything else has to hold. Values are compared as text.
            </p>
          )}
          <Button variant="primary" formAction="submit" iconName="search">
            Search
          </Button>
        </SpaceBetween>
      </form>
    </Container>
  )
}
